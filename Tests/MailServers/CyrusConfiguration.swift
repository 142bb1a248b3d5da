/// The configuration files of a `CyrusServer`.
struct CyrusConfiguration {
    let folder: TemporaryFolder
    let ports: CyrusServer.Ports
    let options: CyrusServer.Options
    /// Where the programs are that Debian's packages cannot install beside Dovecot.
    let programs: String

    /// Mailboxes are made at the first login or delivery, with the roles that a provider would give them.
    ///
    /// `imapd` writes what it said and heard to `log/USER` below the configuration directory where that folder exists.
    var imapd: String {
        """
        configdirectory: \(folder("state"))
        defaultpartition: default
        partition-default: \(folder("spool"))
        proc_path: \(folder("run/proc"))
        mboxname_lockpath: \(folder("run/lock"))
        lmtpsocket: \(folder("run/lmtp"))
        idlesocket: \(folder("run/idle"))
        notifysocket: \(folder("run/notify"))
        sievedir: \(folder("sieve"))
        servername: localhost
        virtdomains: userid
        defaultdomain: localhost
        altnamespace: \(options.hasAlternativeNamespace ? "yes" : "no")
        unixhierarchysep: \(options.separator == "/" ? "yes" : "no")
        admins: cyrus
        allowplaintext: yes
        sasl_pwcheck_method: auxprop
        sasl_auxprop_plugin: sasldb
        sasl_sasldb_path: \(folder("sasldb2"))
        sasl_mech_list: \(options.mechanisms.joined(separator: " "))
        tls_server_cert: \(folder("server.pem"))
        tls_server_key: \(folder("server.key"))
        tls_versions: tls1_2 tls1_3
        autocreate_quota: 0
        autocreate_post: yes
        autocreate_inbox_folders: \(Self.roles.map(\.1).joined(separator: " | "))
        autocreate_subscribe_folders: \(Self.roles.map(\.1).joined(separator: " | "))
        \(Self.roles.map { "xlist-\($0): \($1)" }.joined(separator: "\n"))
        lmtp_downcase_rcpt: yes
        delete_mode: immediate
        expunge_mode: immediate
        duplicatesuppression: no
        imapidlepoll: 1
        popminpoll: 0
        \(options.configuration)

        """
    }

    /// LMTP trusts whoever connects (`-a`), as it does on a socket.
    var master: String {
        let settings = "-C \(folder("imapd.conf"))"
        let own = "/usr/lib/cyrus/bin"
        let here = "127.0.0.1"
        return """
            START {
              recover cmd="\(own)/ctl_cyrusdb \(settings) -r"
            }
            SERVICES {
              imap cmd="\(programs)/imapd \(settings)" listen="\(here):\(ports.imap)"
              imaps cmd="\(programs)/imapd \(settings) -s" listen="\(here):\(ports.imaps)"
              pop3 cmd="\(programs)/pop3d \(settings)" listen="\(here):\(ports.pop3)"
              pop3s cmd="\(programs)/pop3d \(settings) -s" listen="\(here):\(ports.pop3s)"
              lmtp cmd="\(own)/lmtpd \(settings) -a" listen="\(here):\(ports.lmtp)"
            }
            DAEMON {
              idled cmd="\(programs)/idled \(settings)"
            }
            EVENTS {
              checkpoint cmd="\(own)/ctl_cyrusdb \(settings) -c" period=30
            }

            """
    }

    private static let roles = [
        ("drafts", "Drafts"), ("sent", "Sent"), ("junk", "Junk"), ("trash", "Trash"), ("archive", "Archive"),
    ]
}
