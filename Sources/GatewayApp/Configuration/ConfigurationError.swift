/// Why the gateway can't start as it is configured; one clear line for the person who did it.
package struct ConfigurationError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The variable to change.
    package let variable: String
    /// What is wrong with it and what to do, never with a secret value.
    package let problem: String

    /// The exit status for it (sysexits.h, `EX_CONFIG`).
    package static let exitStatus: Int32 = 78

    /// Names the variable and the problem, which may repeat what somebody typed: its control
    /// characters become spaces, so that it stays one line and can't steer a terminal.
    package init(_ variable: String, _ problem: String) {
        self.variable = variable
        let scalars = problem.unicodeScalars.map { scalar in
            scalar.properties.generalCategory == .control ? " " : scalar
        }
        self.problem = String(String.UnicodeScalarView(scalars))
    }

    /// The line to print.
    package var description: String { "\(variable): \(problem)" }
}
