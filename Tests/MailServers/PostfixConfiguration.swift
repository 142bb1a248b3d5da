/// The configuration files of a `PostfixServer`.
struct PostfixConfiguration {
    let folder: TemporaryFolder
    let ports: PostfixServer.Ports
    let dovecot: DovecotServer
    let identity: CertificateAuthority.Identity
    let options: PostfixServer.Options

    private var domains: [String] {
        Set(dovecot.users.compactMap { $0.email.split(separator: "@").last.map(String.init) }).sorted()
    }

    /// Headers are left as they came (`local_header_rewrite_clients`), rate limits and penalties are off, and nothing
    /// asks DNS.
    var main: String {
        """
        compatibility_level = 3.6
        config_directory = \(folder("etc"))
        queue_directory = \(folder("queue"))
        data_directory = \(folder("data"))
        maillog_file = \(folder("postfix.log"))
        maillog_file_prefixes = \(folder.path)
        myhostname = mail.\(domains.first ?? "example.test")
        mydestination =
        mynetworks =
        inet_interfaces = 127.0.0.1
        inet_protocols = ipv4
        disable_dns_lookups = yes
        smtpd_peername_lookup = no
        local_header_rewrite_clients =
        virtual_mailbox_domains = \(domains.joined(separator: " "))
        virtual_mailbox_maps = texthash:\(folder("etc/users"))
        virtual_transport = lmtp:inet:127.0.0.1:\(dovecot.ports.lmtp)
        transport_maps = texthash:\(folder("etc/transport"))
        default_transport = error:5.4.4 No mail leaves this machine
        alias_maps =
        local_recipient_maps =
        message_size_limit = \(options.messageSizeLimit)
        mailbox_size_limit = 0
        virtual_mailbox_limit = 0
        recipient_delimiter = +
        biff = no
        smtputf8_enable = yes
        in_flow_delay = 0
        smtpd_error_sleep_time = 0
        smtpd_client_connection_count_limit = 0
        smtpd_client_connection_rate_limit = 0
        smtpd_tls_cert_file = \(identity.certificate)
        smtpd_tls_key_file = \(identity.key)
        smtpd_tls_security_level = may
        smtpd_tls_protocols = >=TLSv1.2
        smtpd_tls_mandatory_protocols = >=TLSv1.2
        smtpd_sasl_type = dovecot
        smtpd_sasl_path = \(dovecot.folder("run/postfix-auth"))
        smtpd_relay_restrictions = permit_sasl_authenticated, reject_unauth_destination
        smtpd_recipient_restrictions = reject_unlisted_recipient, permit_sasl_authenticated, reject_unauth_destination
        \(options.configuration)

        """
    }

    var master: String {
        let here = "127.0.0.1"
        let login = "-o smtpd_sasl_auth_enable=yes -o smtpd_client_restrictions=permit_sasl_authenticated,reject"
        let plaintext = "-o smtpd_tls_security_level=may -o smtpd_tls_auth_only=no"
        let encrypted = "-o smtpd_tls_security_level=encrypt -o smtpd_tls_auth_only=yes"
        return """
            \(here):\(ports.smtp) inet n - n - 200 smtpd
            \(here):\(ports.submission) inet n - n - 200 smtpd \(options.allowsPlaintext ? plaintext : encrypted) \(login)
            \(here):\(ports.smtps) inet n - n - 200 smtpd -o smtpd_tls_wrappermode=yes \(login)
            pickup unix n - n 60 1 pickup
            cleanup unix n - n - 0 cleanup
            qmgr unix n - n 300 1 qmgr
            tlsmgr unix - - n 1000? 1 tlsmgr
            rewrite unix - - n - - trivial-rewrite
            bounce unix - - n - 0 bounce
            defer unix - - n - 0 bounce
            trace unix - - n - 0 bounce
            verify unix - - n - 1 verify
            flush unix n - n 1000? 0 flush
            proxymap unix - - n - - proxymap
            smtp unix - - n - - smtp
            relay unix - - n - - smtp
            showq unix n - n - - showq
            error unix - - n - - error
            retry unix - - n - - error
            discard unix - - n - - discard
            virtual unix - n n - - virtual
            lmtp unix - - n - - lmtp
            anvil unix - - n - 1 anvil
            scache unix - - n - 1 scache
            postlog unix-dgram n - n - 1 postlogd

            """
    }
}
