import Database
import Testing

@Suite struct SQLTests {
    @Test func `turns values into binds and keeps the text`() {
        let name = "x'; DROP TABLE t; --"
        let sql: SQL = "SELECT a FROM t WHERE name = \(name) AND n IN \(list: [1, 2]) AND f = \(nil as Double?)"
        let (text, binds) = sql.rendered(for: .sqlite)
        #expect(text == "SELECT a FROM t WHERE name = ? AND n IN (?, ?) AND f = ?")
        #expect(binds == [.text(name), .integer(1), .integer(2), .null])
    }

    @Test func `numbers the marks for PostgreSQL, through nested fragments`() {
        let inner: SQL = "b = \("two") AND c = \("three")"
        let sql: SQL = "UPDATE t SET a = \(1), \(inner) WHERE d = \([4] as [UInt8])"
        let (text, binds) = sql.rendered(for: .postgresql)
        #expect(text == "UPDATE t SET a = $1, b = $2 AND c = $3 WHERE d = $4")
        #expect(binds == [.integer(1), .text("two"), .text("three"), .blob([4])])
    }

    @Test func `writes an empty list that matches nothing`() {
        let sql: SQL = "DELETE FROM t WHERE id IN \(list: [String]())"
        #expect(sql.rendered(for: .sqlite).text == "DELETE FROM t WHERE id IN (NULL)")
    }

    @Test func `reads columns by name and says what is wrong with one`() throws {
        let row = SQLRow(columns: ["n", "t", "z", "b"], values: [.integer(5), .text("x"), .null, .blob([1])])
        #expect(try row.integer("n") == 5)
        #expect(try row.text("t") == "x")
        #expect(try row.optionalText("z") == nil)
        #expect(try row.blob("b") == [1])
        #expect(throws: DatabaseError.column("q", problem: "is not in the result")) { try row.text("q") }
        #expect(throws: DatabaseError.column("z", problem: "is null")) { try row.integer("z") }
        #expect(throws: DatabaseError.column("t", problem: "is not an integer")) { try row.integer("t") }
    }
}
