import IMAP
import MailClient
package import Model

extension MailService {
    /// What the account uses and may use: the quotas that count for the inbox (RFC 9208); empty where there is no limit.
    ///
    /// Throws `MailClientError.unsupported` where the server does not tell.
    package func quota(of account: AccountID, deadline: ContinuousClock.Instant) async throws -> [QuotaUsage] {
        let quotas = try await sessions.withIMAP(
            account, mailbox: nil, readOnly: true, isRepeatable: true, deadline: deadline
        ) { session in
            try await session.execute(GetQuotaRootCommand(.inbox))
        }
        return quotas.flatMap { quota in
            quota.resources.map { resource in
                // RFC 9208, 5: what is stored is counted in units of 1,024 octets.
                let isStorage = resource.name.hasSuffix("STORAGE")
                func octets(_ number: UInt64) -> UInt64 {
                    let (product, overflows) = number.multipliedReportingOverflow(by: 1_024)
                    return overflows ? .max : product
                }
                return QuotaUsage(
                    root: quota.root, resource: resource.name.lowercased(), unit: isStorage ? .octets : .count,
                    used: isStorage ? octets(resource.usage) : resource.usage,
                    limit: isStorage ? octets(resource.limit) : resource.limit)
            }
        }
    }
}
