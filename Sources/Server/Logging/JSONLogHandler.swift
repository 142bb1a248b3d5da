import Logging
import Model
import Representation

/// One JSON object a line on standard error, for log collectors.
struct JSONLogHandler: LogHandler {
    var metadata = Logger.Metadata()
    var metadataProvider: Logger.MetadataProvider?
    var logLevel = Logger.Level.info
    let label: String

    init(label: String) { self.label = label }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        var line = JSONWriter()
        line.object { object in
            object.member("time", Timestamp.now().description)
            object.member("level", event.level.rawValue)
            object.member("logger", label)
            object.member("message", event.message.description)
            let all = metadata.merging(event.metadata ?? [:]) { $1 }
            for (key, value) in all.sorted(by: { $0.key < $1.key }) { object.member(key, value.description) }
        }
        StandardStream.error.write(line.bytes + [UInt8(ascii: "\n")])
    }
}
