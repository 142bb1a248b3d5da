import IMAP
import Model

/// Which mailbox plays which role: what the server says (RFC 6154) first, names people use second.
enum MailboxRoles {
    /// One role to at most one mailbox: the one that the user `chose`, by path, else the first that claims it by attribute, else the first
    /// by name.
    static func assign(
        to listings: [MailboxListing], chosen: [MailboxRole: String] = [:]
    ) -> [MailboxName: MailboxRole] {
        var roles: [MailboxName: MailboxRole] = [.inbox: .inbox]
        var taken: Set<MailboxRole> = [.inbox]
        for (role, path) in chosen {
            guard let listing = listings.first(where: { $0.isSelectable && $0.name.text == path }),
                roles[listing.name] == nil, taken.insert(role).inserted
            else { continue }
            roles[listing.name] = role
        }
        for listing in listings where listing.isSelectable {
            guard let role = role(of: listing.attributes), roles[listing.name] == nil, taken.insert(role).inserted
            else { continue }
            roles[listing.name] = role
        }
        for listing in listings where listing.isSelectable && roles[listing.name] == nil {
            guard let role = names[leaf(of: listing).lowercased()], taken.insert(role).inserted else { continue }
            roles[listing.name] = role
        }
        return roles
    }

    private static func role(of attributes: Set<MailboxAttribute>) -> MailboxRole? {
        let table: [(MailboxAttribute, MailboxRole)] = [
            (.drafts, .drafts), (.sent, .sent), (.junk, .junk), (.spam, .junk), (.trash, .trash),
            (.archive, .archive), (.all, .all), (.allMail, .all), (.flagged, .flagged), (.starred, .flagged),
            (.important, .important),
        ]
        return table.first { attributes.contains($0.0) }?.1
    }

    /// The last component of a mailbox's name.
    static func leaf(of listing: MailboxListing) -> String {
        let text = listing.name.text
        guard let delimiter = listing.delimiter, let last = text.split(separator: delimiter).last else { return text }
        return String(last)
    }

    /// Names that mail programs and providers give where the server has no SPECIAL-USE, in lower case.
    private static let names: [String: MailboxRole] = {
        let words: [(MailboxRole, [String])] = [
            (
                .drafts,
                [
                    "drafts", "draft", "entwürfe", "brouillons", "borradores", "bozze", "rascunhos", "concepten",
                    "utkast", "kladder", "luonnokset", "wersje robocze", "koncepty", "черновики", "чернетки", "下書き",
                    "草稿", "草稿箱", "임시보관함", "taslaklar",
                ]
            ),
            (
                .sent,
                [
                    "sent", "sent items", "sent messages", "sent mail", "sent-mail", "gesendet", "gesendete objekte",
                    "gesendete elemente", "envoyés", "éléments envoyés", "messages envoyés", "enviados",
                    "elementos enviados", "mensajes enviados", "inviati", "posta inviata", "itens enviados",
                    "verzonden", "verzonden items", "skickat", "skickade objekt", "sendt", "sendte elementer",
                    "lähetetyt", "wysłane", "elementy wysłane", "odeslané", "отправленные", "надіслані",
                    "送信済み", "送信済みメール", "已发送", "已发送邮件", "寄件備份", "보낸편지함", "gönderilmiş öğeler",
                ]
            ),
            (
                .junk,
                [
                    "junk", "junk e-mail", "junk email", "junk mail", "spam", "bulk mail", "bulk", "spamverdacht",
                    "junk-e-mail", "pourriel", "courrier indésirable", "indésirables", "correo no deseado",
                    "posta indesiderata", "lixo eletrônico", "ongewenste e-mail", "skräppost", "uønsket e-post",
                    "roskaposti", "nevyžádaná pošta", "спам", "迷惑メール", "垃圾邮件", "垃圾郵件", "스팸편지함",
                ]
            ),
            (
                .trash,
                [
                    "trash", "deleted items", "deleted messages", "deleted", "bin", "papierkorb",
                    "gelöschte objekte", "gelöschte elemente", "corbeille", "éléments supprimés", "papelera",
                    "elementos eliminados", "cestino", "posta eliminata", "lixeira", "itens excluídos", "prullenbak",
                    "verwijderde items", "papperskorgen", "borttagna objekt", "slettede elementer", "papirkurv",
                    "roskakori", "kosz", "elementy usunięte", "koš", "корзина", "удаленные", "кошик", "ゴミ箱",
                    "已删除", "已删除邮件", "刪除的郵件", "휴지통", "silinmiş öğeler",
                ]
            ),
            (
                .archive,
                ["archive", "archives", "archiv", "archivo", "archivio", "arquivo", "archief", "arkiv", "архив"]
            ),
        ]
        var table: [String: MailboxRole] = [:]
        for (role, names) in words {
            for name in names { table[name] = role }
        }
        return table
    }()
}
