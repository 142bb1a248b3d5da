import HTTP
import HTTPServer
import Metrics

/// Requests by the class of their answer.
struct HTTPMetrics {
    private let requests = Counter(
        "mailbridge_http_requests_total", "Answered requests by class of status.", label: "status",
        values: ["2xx", "3xx", "4xx", "5xx"])

    /// Counts every answer; to be the outermost.
    var middleware: Middleware {
        { [requests] request, next in
            let response = try await next(request)
            requests.add("\(response.status.code / 100)xx")
            return response
        }
    }

    func families() -> [MetricFamily] { [requests.family] }
}
