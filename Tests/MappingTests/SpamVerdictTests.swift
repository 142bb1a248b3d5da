import MIME
import Mapping
import Model
import Testing

/// What real filters write into headers, and what it means.
@Suite struct `A spam verdict` {
    struct Sample: Sendable, CustomTestStringConvertible {
        let header: String
        let isSpam: Bool?
        let score: Double?
        let source: String

        init(_ header: String, _ isSpam: Bool?, _ score: Double? = nil, from source: String = "") {
            self.header = header
            self.isSpam = isSpam
            self.score = score
            self.source = source
        }

        var testDescription: String { header }
    }

    static let samples: [Sample] = [
        Sample(
            "X-Spam-Status: Yes, score=15.9 required=5.0 tests=BAYES_99,HTML_MESSAGE,\r\n\tRDNS_NONE autolearn=no version=3.4.6",
            true, 15.9, from: "x-spam-status"),
        Sample("X-Spam-Status: No, score=-1.9 required=5.0 tests=ALL_TRUSTED", false, -1.9, from: "x-spam-status"),
        Sample("X-Spam-Status: No, hits=2.1 required=5.0", false, 2.1, from: "x-spam-status"),
        Sample("X-Spam-Flag: YES", true, from: "x-spam-flag"), Sample("X-Spam-Flag: NO", false, from: "x-spam-flag"),
        Sample("X-Spam-Flag: YES\r\nX-Spam-Score: 7.5\r\nX-Spam-Level: *******", true, 7.5, from: "x-spam-flag"),
        Sample("X-Spam-Flag: YES\r\nX-Spam-Status: Yes, score=9.25", true, 9.25, from: "x-spam-flag"),
        // A milter's companion that says the contrary lends no score.
        Sample("X-Spam-Flag: NO\r\nX-Spam-Status: Yes, score=9.25", false, from: "x-spam-flag"),
        Sample("X-Spam: Yes", true, from: "x-spam"), Sample("X-Spam: No", false, from: "x-spam"),
        Sample(
            "X-Spamd-Result: default: True [16.20 / 15.00];\r\n\tVIOLATED_DIRECT_SPF(3.50)[]", true, 16.2,
            from: "x-spamd-result"),
        Sample(
            "X-Spamd-Result: default: False [-3.10 / 15.00]; BAYES_HAM(-3.00)[99.99%]", false, -3.1,
            from: "x-spamd-result"),
        Sample("X-Rspamd-Action: add header", true, from: "x-rspamd-action"),
        Sample("X-Rspamd-Action: no action", false, from: "x-rspamd-action"),
        Sample("X-MS-Exchange-Organization-SCL: 6", true, 6, from: "x-ms-exchange-organization-scl"),
        Sample("X-MS-Exchange-Organization-SCL: -1", false, -1, from: "x-ms-exchange-organization-scl"),
        Sample("X-MS-Exchange-Organization-SCL: 17", nil),
        Sample(
            "X-Forefront-Antispam-Report: CIP:203.0.113.7;CTRY:RU;LANG:en;SCL:5;SRV:;IPV:NLI;SFV:SPM;H:mail;PTR:;CAT:SPM;",
            true, 5, from: "x-forefront-antispam-report"),
        Sample(
            "X-Forefront-Antispam-Report: CIP:209.85.1.1;CTRY:US;LANG:en;SCL:1;SRV:;IPV:NLI;SFV:NSPM;CAT:NONE;", false,
            1,
            from: "x-forefront-antispam-report"),
        Sample("X-Forefront-Antispam-Report: SFV:SKI;SCL:-1;", false, -1, from: "x-forefront-antispam-report"),
        Sample("X-Forefront-Antispam-Report: CIP:255.255.255.255;", nil),
        Sample(
            "X-Bogosity: Spam, tests=bogofilter, spamicity=0.999982, version=1.2.5", true, 0.999982, from: "x-bogosity"),
        Sample("X-Bogosity: Unsure, tests=bogofilter, spamicity=0.5", nil),
        Sample("X-DSPAM-Result: Innocent", false, from: "x-dspam-result"),
        Sample("X-CRM114-Status: SPAM ( pR: -12.34 )", true, -12.34, from: "x-crm114-status"),
        Sample(
            "X-Barracuda-Spam-Status: No, SCORE=0.50 using global scores", false, 0.5, from: "x-barracuda-spam-status"),
        Sample(
            "X-Proofpoint-Spam-Details: rule=notspam policy=default score=0 priorityscore=1501", false, 0,
            from: "x-proofpoint-spam-details"),
        Sample("X-UI-Filterresults: junk:10;V03:K0:abc", true, from: "x-ui-filterresults"),
        Sample("X-UI-Filterresults: notjunk:1;V03:K0:abc", false, from: "x-ui-filterresults"),
        Sample("X-KLMS-AntiSpam-Status: not_detected", false, from: "x-klms-antispam-status"),
        // The server's own field stands above what the sender wrote.
        Sample("X-Spam-Flag: YES\r\nX-MS-Exchange-Organization-SCL: -1", true, from: "x-spam-flag"),
        Sample("Subject: X-Spam-Flag: YES", nil), Sample("X-Spam-Status: Yesterday", nil),
        Sample("X-Spam-Status:", nil),
        Sample("X-Spam-Flag: =?utf-8?q?=59ES?=", true, from: "x-spam-flag"), Sample("X-Spamd-Result: nonsense", nil),
        Sample("X-Spam-Level: ***", nil),
    ]

    @Test(arguments: samples) func `is read from what filters write`(sample: Sample) {
        let headers = Headers(parsing: Array((sample.header + "\r\n\r\n").utf8))
        let verdict = SpamVerdict(reading: headers)
        #expect(verdict?.isSpam == sample.isSpam)
        #expect(verdict?.score == sample.score)
        #expect(verdict?.source == (sample.isSpam == nil ? nil : sample.source))
    }
}
