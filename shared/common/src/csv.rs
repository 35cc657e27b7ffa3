//! Tables of CSV.

/// A table of CSV, as RFC 4180 has it: lines end in CR LF, the first has the names.
#[derive(Debug, Default)]
pub struct Csv(String);

impl Csv {
    /// Adds a line.
    pub fn line<'a>(&mut self, cells: impl IntoIterator<Item = &'a str>) {
        for (n, text) in cells.into_iter().enumerate() {
            if n > 0 {
                self.0.push(',');
            }
            self.cell(text);
        }
        self.0.push_str("\r\n");
    }

    /// What would be a formula to a spreadsheet gets an apostrophe before it, as OWASP advises: names
    /// are what others chose.
    fn cell(&mut self, text: &str) {
        let is_formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
        let is_quoted = text.contains(['"', ',', '\r', '\n']);
        let guard = if is_formula { "'" } else { "" };
        if is_quoted {
            let escaped = text.replace('"', "\"\"");
            for part in ["\"", guard, &escaped, "\""] {
                self.0.push_str(part);
            }
        } else {
            self.0.push_str(guard);
            self.0.push_str(text);
        }
    }

    /// The table.
    #[must_use]
    pub fn finish(self) -> String {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_quoted_where_they_must_be_and_formulas_are_none() {
        let mut csv = Csv::default();
        csv.line(["plain", "", "O\"Neil, Ann", "two\nlines", " =1"]);
        csv.line([
            "=1+1",
            "+353",
            "-1",
            "@SUM(A1)",
            "\t=1",
            "=HYPERLINK(\"x\",\"y\")",
            "a=b",
        ]);
        assert_eq!(
            csv.finish(),
            "plain,,\"O\"\"Neil, Ann\",\"two\nlines\", =1\r\n\
             '=1+1,'+353,'-1,'@SUM(A1),'\t=1,\"'=HYPERLINK(\"\"x\"\",\"\"y\"\")\",a=b\r\n"
        );
    }
}
