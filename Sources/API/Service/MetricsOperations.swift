import HTTP
import HTTPServer
import Metrics
import Model
import Representation

/// What the program knows about itself, for Prometheus and for people.
enum MetricsOperations {
    static let all = [
        Operation("getMetrics", .get, "/metrics", .admin, handler: metrics),
        Operation("getStats", .get, "/v1/stats", .admin, handler: stats),
    ]

    private static func metrics(_ call: Call) async throws -> HTTPResponse {
        let families = await call.dependencies.metrics.gather()
        var response = HTTPResponse(.ok, type: MetricsText.contentType, MetricsText.octets(families))
        response.fields.append(.cacheControl, "no-store")
        return response
    }

    private static func stats(_ call: Call) async throws -> HTTPResponse {
        let families = await call.dependencies.metrics.gather()
        var writer = JSONWriter()
        writer.object { writer in
            writer.member("version", call.dependencies.version)
            writer.name("metrics")
            writer.array(families) { writer, family in
                writer.object { writer in
                    writer.member("name", family.name)
                    writer.member("type", family.kind.rawValue)
                    writer.member("help", family.help)
                    writer.name("samples")
                    writer.array(family.samples) { write($1, of: family, to: &$0) }
                }
            }
        }
        var response = HTTPResponse(.ok, type: "application/json", writer.bytes)
        response.fields.append(.cacheControl, "no-store")
        return response
    }

    private static func write(_ sample: MetricSample, of family: MetricFamily, to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("name", family.name + sample.suffix)
            writer.member(
                "labels", object: { writer in for label in sample.labels { writer.member(label.name, label.value) } })
            writer.member("value", sample.value)
        }
    }
}
