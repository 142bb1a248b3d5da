// A server with MESSAGELIMIT (RFC 9738) may end FETCH and SEARCH early, having worked from the highest UID downwards. What was left out is
// asked for again, or a SEARCH would make of a large mailbox a small one, and the sync of its messages deleted ones.

extension FetchCommand {
    package func continued(at uid: UInt32) -> FetchCommand? {
        guard case .uids(let uids) = messages else { return nil }
        let rest = uids.upTo(uid)
        return rest.isEmpty ? nil : FetchCommand(.uids(rest), items: items, changedSince: changedSince)
    }

    package static func merge(_ more: [FetchedMessage], into result: inout [FetchedMessage]) { result += more }
}

extension FetchChangesCommand {
    package func continued(at uid: UInt32) -> FetchChangesCommand? {
        let rest = uids.upTo(uid)
        return rest.isEmpty
            ? nil
            : FetchChangesCommand(rest, items: items, since: modificationSequence, wantsVanished: wantsVanished)
    }

    package static func merge(_ more: Result, into result: inout Result) {
        result.changed += more.changed
        result.vanished = NumberSet(ranges: result.vanished.ranges + more.vanished.ranges)
    }
}

extension SearchCommand {
    package func continued(at uid: UInt32) -> SearchCommand? {
        guard byUID, uid > 0 else { return nil }
        var rest = self
        rest.highest = uid
        return rest
    }

    package static func merge(_ more: SearchResult, into result: inout SearchResult) {
        if let all = result.all {
            result.all = NumberSet(ranges: all.ranges + (more.all?.ranges ?? []))
            result.count = result.all.map { UInt32(clamping: $0.count) }
        } else if let count = result.count {
            result.count = count + (more.count ?? 0)
        }
        result.minimum = more.minimum ?? result.minimum
        result.maximum = result.maximum ?? more.maximum
    }
}

extension NumberSet {
    fileprivate func upTo(_ last: UInt32) -> NumberSet {
        NumberSet(
            ranges: ranges.compactMap { range in
                range.lowerBound <= last ? range.lowerBound...min(range.upperBound, last) : nil
            })
    }
}
