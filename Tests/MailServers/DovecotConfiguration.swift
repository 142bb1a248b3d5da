/// The configuration file of a `DovecotServer`.
struct DovecotConfiguration {
    let folder: TemporaryFolder
    let ports: DovecotServer.Ports
    let identity: CertificateAuthority.Identity
    let options: DovecotServer.Options
    let userCount: Int

    /// Mail is kept with the line ends it came with, so that a test finds its octets again in the files.
    var text: String {
        """
        protocols = imap pop3 lmtp
        listen = 127.0.0.1
        base_dir = \(folder("run"))
        state_dir = \(folder("state"))
        log_path = \(folder("dovecot.log"))
        ssl = yes
        ssl_cert = <\(identity.certificate)
        ssl_key = <\(identity.key)
        ssl_min_protocol = TLSv1.2
        auth_mechanisms = \(options.mechanisms.joined(separator: " "))
        auth_failure_delay = 0
        auth_worker_max_count = 4
        first_valid_uid = 100
        mail_location = maildir:~/Maildir
        mail_save_crlf = yes
        mail_fsync = never
        mail_max_userip_connections = 20000
        recipient_delimiter = +
        postmaster_address = postmaster@example.test
        protocol lmtp {
          hostname = localhost
        }
        passdb {
          driver = passwd-file
          args = username_format=%u \(folder("users"))
        }
        userdb {
          driver = passwd-file
          args = username_format=%u \(folder("users"))
        }
        namespace inbox {
          inbox = yes
          separator = /
          mailbox Drafts {
            special_use = \\Drafts
            auto = subscribe
          }
          mailbox Sent {
            special_use = \\Sent
            auto = subscribe
          }
          mailbox Junk {
            special_use = \\Junk
            auto = subscribe
          }
          mailbox Trash {
            special_use = \\Trash
            auto = subscribe
          }
          mailbox Archive {
            special_use = \\Archive
            auto = subscribe
          }
        }
        \(services)
        \(options.hibernates ? "imap_hibernate_timeout = 2s" : "")
        \(options.configuration)

        """
    }

    private var services: String {
        """
        default_process_limit = 4000
        default_client_limit = 10000
        service imap-login {
          inet_listener imap {
            port = \(ports.imap)
          }
          inet_listener imaps {
            port = \(ports.imaps)
            ssl = yes
          }
          service_count = 0
          client_limit = 5000
          process_limit = 2
        }
        service pop3-login {
          inet_listener pop3 {
            port = \(ports.pop3)
          }
          inet_listener pop3s {
            port = \(ports.pop3s)
            ssl = yes
          }
          service_count = 0
          client_limit = 5000
          process_limit = 2
        }
        service imap {
          service_count = 100
          unix_listener imap-master {
            user = dovecot
          }
        }
        service imap-hibernate {
          unix_listener imap-hibernate {
            mode = 0666
          }
        }
        service lmtp {
          inet_listener lmtp {
            address = 127.0.0.1
            port = \(ports.lmtp)
          }
        }
        service auth {
          unix_listener postfix-auth {
            mode = 0666
          }
        }
        service stats {
          unix_listener stats-writer {
            mode = 0666
          }
        }
        service anvil {
          client_limit = 20000
          # Wrong passwords are part of the tests: no waiting after them.
          unix_listener anvil-auth-penalty {
            mode = 0
          }
        }
        """
    }
}
