import CUV

/// Who may read this process's memory.
package enum ProcessMemory {
    /// Keeps it out of core dumps and from other processes of the same user, debuggers included:
    /// keys and tokens stand in it.
    ///
    /// What lies under `/proc/PID` belongs to root from then on.
    /// Source: prctl(2), `PR_SET_DUMPABLE`; ptrace(2), on access checks; core(5).
    package static func keepToItself() { cuv_forbid_dumps() }
}
