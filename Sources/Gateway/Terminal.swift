import EventLoop

/// What commands print.
enum Terminal {
    /// Prints a line on standard output.
    static func say(_ line: String = "") {
        try? StandardStream.output.write(line + "\n")  // A reader that is gone needs no answer.
    }

    /// Prints a line on standard error.
    static func complain(_ line: String) {
        try? StandardStream.error.write(line + "\n")  // Nobody is left to tell.
    }

    /// Prints rows under headings, each column as wide as its widest cell.
    static func table(_ headings: [String], _ rows: [[String]]) {
        guard !rows.isEmpty else { return say("Nothing to show.") }
        let all = [headings] + rows
        let widths = headings.indices.map { column in
            all.reduce(0) { max($0, $1[column].count) }
        }
        for row in all {
            var line = ""
            for (column, cell) in row.enumerated() {
                line += cell
                guard column < row.count - 1 else { continue }
                line += String(repeating: " ", count: widths[column] - cell.count + 2)
            }
            say(line)
        }
    }

    /// Text from outside, fit for a terminal: no control characters, at most `width` characters.
    static func plain(_ text: String, width: Int = 60) -> String {
        let visible = String(
            String.UnicodeScalarView(
                text.unicodeScalars.map {
                    $0.value < 0x20 || (0x7f..<0xa0).contains($0.value) ? " " : $0
                }))
        return visible.count > width ? visible.prefix(width - 1) + "…" : visible
    }
}
