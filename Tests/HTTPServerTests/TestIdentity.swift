import Glibc
import Transport

/// A self-signed certificate for `localhost`, made by the openssl command for this run.
struct TestIdentity {
    let server: TLSServerConfiguration
    let client: TLSClientConfiguration

    struct NoOpenSSL: Error {}

    init() throws {
        let command =
            "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost "
            + "-addext subjectAltName=DNS:localhost -keyout /dev/stdout -out /dev/stdout 2>/dev/null"
        guard let pipe = popen(command, "r") else { throw NoOpenSSL() }
        var output: [UInt8] = []
        while case let byte = getc(pipe), byte != EOF { output.append(UInt8(truncatingIfNeeded: byte)) }
        guard pclose(pipe) == 0 else { throw NoOpenSSL() }
        server = TLSServerConfiguration(certificateChain: PEM(output), privateKey: PEM(output))
        client = TLSClientConfiguration(caCertificates: PEM(output))
    }
}
