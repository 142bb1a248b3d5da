import Model
import Store
import Wire

extension AuthorizationService {
    func begin(_ record: inout AuthorizationRecord, with provider: String) async throws {
        do throws(OAuthFault) {
            let device = try await client.authorizeDevice(provider)
            record.deviceCode = device.deviceCode
            record.pollInterval = Int(device.interval.components.seconds)
            record.pollAt = now().advanced(by: device.interval)
            record.authorization.expiresAt = now().advanced(by: device.expiresIn)
            record.authorization.device = DeviceCode(
                userCode: device.userCode, verificationURL: device.verificationURL, completeURL: device.completeURL)
        } catch {
            throw AuthorizationError.failed(error.description)
        }
    }

    /// Asks the provider once, unless it was asked a moment ago (RFC 8628 section 3.5).
    func poll(_ record: inout AuthorizationRecord) async throws {
        let asked = now()
        // The turn outlasts the connecting that may follow: whoever asked again meanwhile would be told that the code is used.
        guard record.pollAt.map({ $0 <= asked }) ?? true,
            let turn = try await store.authorizations.takePoll(
                record.authorization.id, for: Limits.devicePoll, now: asked),
            let code = turn.deviceCode, let provider = turn.authorization.provider
        else { return }
        record = turn
        do throws(OAuthFault) {
            let issued = try await client.redeem(device: code, provider: provider)
            try await finish(&record, issued)
        } catch {
            switch error {
            case .refused("authorization_pending", _), .unavailable:
                record.pollAt = asked.advanced(by: .seconds(record.pollInterval))
                _ = try await store.authorizations.update(record)
            case .refused("slow_down", _):
                record.pollInterval += 5
                record.pollAt = now().advanced(by: .seconds(record.pollInterval))
                _ = try await store.authorizations.update(record)
            default:
                record.authorization.status = .failed
                record.authorization.fault = error.description
                _ = try await store.authorizations.update(record)
            }
        }
    }

    private func finish(_ record: inout AuthorizationRecord, _ issued: TokenAnswer.Issued) async throws(OAuthFault) {
        do {
            record.authorization.account = try await connect(record.authorization, issued)
            record.authorization.status = .completed
        } catch {
            record.authorization.status = .failed
            record.authorization.fault = Self.text(of: error)
        }
        _ = try? await store.authorizations.update(record)
    }
}
