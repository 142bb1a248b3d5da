import Logging

/// Where log lines go: standard error, in the form the settings say.
enum LogSetup {
    static func makeLogger(_ settings: Settings) -> Logger {
        let level = settings.logLevel
        let format = settings.logFormat
        return Logger(label: "mailbridge") { label in
            var handler: any LogHandler =
                switch format {
                case .text: StreamLogHandler.standardError(label: label)
                case .json: JSONLogHandler(label: label)
                }
            handler.logLevel = level
            return handler
        }
    }
}
