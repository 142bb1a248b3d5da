/// Reports as mail servers write them; names and addresses are changed.
enum Transcripts {
    static func crlf(_ text: String) -> [UInt8] { Array(text.replacing("\n", with: "\r\n").utf8) }

    static let postfix = """
        Return-Path: <>
        Received: by mail.example.test (Postfix)
        \tid 4Z2k1y3; Thu, 26 Nov 2026 12:00:00 +0000 (UTC)
        Date: Thu, 26 Nov 2026 12:00:00 +0000 (UTC)
        From: MAILER-DAEMON@example.test (Mail Delivery System)
        Subject: Undelivered Mail Returned to Sender
        To: ada@example.test
        Auto-Submitted: auto-replied
        MIME-Version: 1.0
        Content-Type: multipart/report; report-type=delivery-status;
        \tboundary="4Z2k1y2.1764158400/mail.example.test"
        Message-Id: <20261126120000.4Z2k1y3@mail.example.test>

        This is a MIME-encapsulated message.

        --4Z2k1y2.1764158400/mail.example.test
        Content-Description: Notification
        Content-Type: text/plain; charset=utf-8
        Content-Transfer-Encoding: 8bit

        This is the mail system at host mail.example.test.

        I'm sorry to have to inform you that your message could not
        be delivered to one or more recipients. It's attached below.

                           The mail system

        <nobody@example.net>: host mx.example.net[192.0.2.7] said: 550 5.1.1
            <nobody@example.net>: Recipient address rejected: User unknown in virtual
            mailbox table (in reply to RCPT TO command)

        --4Z2k1y2.1764158400/mail.example.test
        Content-Description: Delivery report
        Content-Type: message/delivery-status

        Reporting-MTA: dns; mail.example.test
        Original-Envelope-Id: sub+5F01abc
        X-Postfix-Queue-ID: 4Z2k1y2
        X-Postfix-Sender: rfc822; ada@example.test
        Arrival-Date: Thu, 26 Nov 2026 11:59:59 +0000 (UTC)

        Final-Recipient: rfc822; nobody@example.net
        Original-Recipient: rfc822;No+2BBody@example.net
        Action: failed
        Status: 5.1.1
        Remote-MTA: dns; mx.example.net
        Diagnostic-Code: smtp; 550 5.1.1 <nobody@example.net>: Recipient address
            rejected: User unknown in virtual mailbox table

        --4Z2k1y2.1764158400/mail.example.test
        Content-Description: Undelivered Message Headers
        Content-Type: text/rfc822-headers
        Content-Transfer-Encoding: 8bit

        Return-Path: <ada@example.test>
        From: ada@example.test
        To: nobody@example.net
        Message-ID: <m1@example.test>
        Subject: Hello

        --4Z2k1y2.1764158400/mail.example.test--
        """

    static let postfixDelay = """
        From: MAILER-DAEMON@example.test (Mail Delivery System)
        Subject: Delayed Mail (still being retried)
        To: ada@example.test
        Auto-Submitted: auto-replied
        Content-Type: multipart/report; report-type=delivery-status; boundary="b"

        --b
        Content-Type: text/plain; charset=us-ascii

        ####################################################################
        # THIS IS A WARNING ONLY.  YOU DO NOT NEED TO RESEND YOUR MESSAGE. #
        ####################################################################

        --b
        Content-Type: message/delivery-status

        Reporting-MTA: dns; mail.example.test
        Arrival-Date: Thu, 26 Nov 2026 11:59:59 +0000 (UTC)

        Final-Recipient: rfc822; eve@example.net
        Action: delayed
        Status: 4.4.1
        Diagnostic-Code: X-Postfix; connect to mx.example.net[192.0.2.7]:25: Connection
            timed out
        Will-Retry-Until: Tue, 1 Dec 2026 11:59:59 +0000 (UTC)

        --b
        Content-Type: message/rfc822

        Message-ID: <m2@example.test>
        Subject: Hello

        x
        --b--
        """

    /// RFC 6533: international addresses, and both outcomes in one report.
    static let international = """
        From: postmaster@example.test
        Content-Type: multipart/report; report-type=delivery-status; boundary="b"

        --b
        Content-Type: text/plain

        x
        --b
        Content-Type: message/global-delivery-status

        Reporting-MTA: dns; mail.example.test

        Final-Recipient: utf-8; jörg@exämple.net
        Original-Recipient: utf-8; j\\x{F6}rg@exämple.net
        Action: failed
        Status: 5.6.9

        Final-Recipient: rfc822; <ok@example.net>
        Action: delivered (to mailbox)
        Status: 2.0.0

        Final-Recipient: rfc822; far@example.net (Far Away)
        Action: relayed
        Status: 2.0.0

        --b
        Content-Type: message/global-headers

        Message-ID: <m3@example.test>
        Subject: Grüße

        --b--
        """

    static let exim = """
        Return-path: <>
        X-Failed-Recipients: netdev@example.net
        Auto-Submitted: auto-replied
        From: Mail Delivery System <Mailer-Daemon@host.example.test>
        To: ada@example.test
        Content-Type: multipart/report; report-type=delivery-status; boundary=1694419531-eximdsn-181173861
        MIME-Version: 1.0
        Subject: Mail delivery failed: returning message to sender

        --1694419531-eximdsn-181173861
        Content-type: text/plain; charset=us-ascii

        This message was created automatically by mail delivery software.

        A message that you sent could not be delivered to one or more of its
        recipients. This is a permanent error. The following address(es) failed:

          netdev@example.net
            host mx.example.net [192.0.2.18]
            SMTP error from remote mail server after end of data:
            550 5.7.1 This looks like spam

        --1694419531-eximdsn-181173861
        Content-type: message/delivery-status

        Reporting-MTA: dns; host.example.test

        Action: failed
        Final-Recipient: rfc822;netdev@example.net
        Status: 5.0.0
        Remote-MTA: dns; mx.example.net
        Diagnostic-Code: smtp; 550 5.7.1 This looks like spam

        --1694419531-eximdsn-181173861
        Content-type: message/rfc822

        Return-path: <ada@example.test>
        Message-ID: <m4@example.test>

        Hello
        --1694419531-eximdsn-181173861--
        """

    static let oldExim = """
        Return-path: <>
        X-Failed-Recipients: fnc@example.net, gone@example.org
        Auto-Submitted: auto-replied
        From: Mail Delivery System <Mailer-Daemon@host.example.test>
        To: ada@example.test
        Subject: Mail delivery failed: returning message to sender

        This message was created automatically by mail delivery software.

        A message that you sent could not be delivered to one or more of its
        recipients. This is a permanent error. The following address(es) failed:

          fnc@example.net
            SMTP error from remote mail server after RCPT TO:<fnc@example.net>:
            host mx.example.net [192.0.2.15]: 550 relay not permitted
          gone@example.org
            Unrouteable address

        ------ This is a copy of the message's headers. ------

        Return-path: <ada@example.test>
        Received: from host.example.test ([192.0.2.142] helo=[127.0.0.1])
        \tby host.example.test with esmtpa (Exim 4.72)
        Message-ID: <m5@example.test>
        Subject: news
        """

    static let eximWarning = """
        Return-path: <>
        Auto-Submitted: auto-replied
        From: Mail Delivery System <Mailer-Daemon@host.example.test>
        To: ada@example.test
        Subject: Warning: message 1jGaT7-0002C4-Ol delayed 24 hours

        This message was created automatically by mail delivery software.
        A message that you sent has not yet been delivered to one or more of its
        recipients after more than 24 hours on the queue on host.example.test.

        The message identifier is:     1jGaT7-0002C4-Ol
        The subject of the message is: news

        The address to which the message has not yet been delivered is:

          slow@example.net
            Delay reason: Connection timed out

        No action is required on your part. Delivery attempts will continue for
        some time.
        """

    static let qmail = """
        Return-Path: <>
        Received: (qmail 12122 invoked for bounce); 2 Jul 2026 05:03:53 -0000
        Date: 2 Jul 2026 05:03:53 -0000
        From: MAILER-DAEMON@mother.example.test
        To: ada@example.test
        Subject: failure notice

        Hi. This is the qmail-send program at mother.example.test.
        I'm afraid I wasn't able to deliver your message to the following addresses.
        This is a permanent error; I've given up. Sorry it didn't work out.

        <short@example.net>:
        192.0.2.26 failed after I sent the message.
        Remote host said: 550-5.7.1 Unauthenticated email is not accepted
        550 5.7.1 initiative. qo3si969874lbb.122 - gsmtp

        <full@example.org>:
        User disk quota exceeded. (#4.3.0)
        I'm not going to try again; this message has been in the queue too long.

        --- Below this line is a copy of the message.

        Return-Path: <ada@example.test>
        Received: (qmail 12120 invoked from network); 2 Jul 2026 05:03:50 -0000
        Message-ID: <m6@example.test>
        Subject: hi

        Write to me at other@example.test
        """

    static let gmail = """
        MIME-Version: 1.0
        From: Mail Delivery Subsystem <mailer-daemon@googlemail.com>
        To: ada@example.test
        X-Failed-Recipients: dth@example.net
        Subject: Delivery Status Notification (Failure)
        Content-Type: text/plain; charset=ISO-8859-1

        Delivery to the following recipient failed permanently:

             dth@example.net

        Technical details of permanent failure:
        Google tried to deliver your message, but it was rejected by the recipient domain. We recommend contacting
        the other email provider. The error that the other server returned was: 550 550 5.1.1 <dth@example.net>: User unknown (state 14).

        ----- Original message -----

        MIME-Version: 1.0
        Received: by 10.0.0.1 with SMTP id abc; Thu, 26 Nov 2026 11:00:00 -0800 (PST)
        Message-ID: <m7@example.test>
        Subject: hi
        """

    static let exchange = """
        From: System Administrator <postmaster@exchange.example.test>
        To: ada@example.test
        Subject: Undeliverable: test
        In-Reply-To: <m8@example.test>
        Content-Type: multipart/mixed; boundary="b"

        --b
        Content-Type: text/plain; charset="iso-8859-1"

        Your message

          To:      someone@example.net
          Subject: test
          Sent:    Mon, 10 Jan 2000 14:46:00 -0800

        did not reach the following recipient(s):

        someone@example.net on Mon, 10 Jan 2000 14:46:25 -0800
            The recipient name is not recognized
        \tThe MTS-ID of the original message is: c=US;a= ;p=Organization;l=SERVER
            MSEXCH:IMS:Organization:Site:SERVER 0 (000C05A6) Unknown Recipient

        --b--
        """

    static let office = """
        From: Microsoft Outlook
         <MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@example.onmicrosoft.com>
        To: <ada@example.test>
        Subject: Undeliverable: hello
        Auto-Submitted: auto-replied
        In-Reply-To: <m9@example.test>
        References: <m9@example.test>
        Content-Type: multipart/report; report-type=delivery-status; boundary="b"

        --b
        Content-Type: multipart/alternative; boundary="a"

        --a
        Content-Type: text/plain; charset="us-ascii"

        Your message to gone@example.net couldn't be delivered.
        --a
        Content-Type: text/html

        <b>Your message couldn't be delivered</b>
        --a--

        --b
        Content-Type: message/delivery-status

        Reporting-MTA: dns;AM0PR01MB1234.eurprd01.prod.exchangelabs.com
        Received-From-MTA: dns;AM0PR01MB1234.eurprd01.prod.exchangelabs.com
        Arrival-Date: Thu, 26 Nov 2026 11:59:59 +0000

        Final-Recipient: rfc822;gone@example.net
        Action: failed
        Status: 5.1.10
        Diagnostic-Code: smtp;550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup

        --b
        Content-Type: message/rfc822

        Message-ID: <rewritten@AM0PR01MB1234.eurprd01.prod.exchangelabs.com>
        Subject: hello

        --b--
        """

    static let sendmail = """
        Return-Path: <MAILER-DAEMON>
        From: Mail Delivery Subsystem <MAILER-DAEMON@host.example.test>
        To: ada@example.test
        Subject: Returned mail: User unknown

        The original message was received at Thu, 26 Nov 2026 12:00:00 GMT
        from localhost

           ----- The following addresses had permanent fatal errors -----
        <bob@example.net>
            (reason: 553 5.3.0 <bob@example.net>... Address does not exist)

           ----- Transcript of session follows -----
        ... while talking to mx.example.net.:
        >>> RCPT To:<bob@example.net>
        <<< 553 5.3.0 <bob@example.net>... Address does not exist

           ----- Original message follows -----

        Message-Id: <m10@example.test>
        Subject: hi
        """
}
