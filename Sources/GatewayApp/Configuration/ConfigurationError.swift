/// Why the gateway can't start as it is configured; one clear line for the person who did it.
package struct ConfigurationError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The variable to change.
    package let variable: String
    /// What is wrong with it and what to do, never with a secret value.
    package let problem: String

    /// The exit status for it (sysexits.h, `EX_CONFIG`).
    package static let exitStatus: Int32 = 78

    /// Names the variable and the problem.
    package init(_ variable: String, _ problem: String) {
        self.variable = variable
        self.problem = problem
    }

    /// The line to print.
    package var description: String { "\(variable): \(problem)" }
}
