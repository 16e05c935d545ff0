import Synchronization

/// A document that a parser lends out, told apart from the parser's other ones by a number.
///
/// Costs nothing to copy, and may be asked however long it was kept.
@safe
struct JSONLoan {
    // The lender's own number, which goes on when the loan ends. Its memory is never given back.
    private let current: UnsafePointer<UInt64>
    private let number: UInt64

    fileprivate init(_ current: UnsafePointer<UInt64>) {
        unsafe self.current = current
        unsafe number = current.pointee
    }

    /// Whether the document is still there.
    var isOpen: Bool { unsafe current.pointee == number }
}

/// The side of the parser: lends one document at a time.
@safe
struct JSONLender: ~Copyable {
    private let number: UnsafeMutablePointer<UInt64>

    /// The numbers of lenders that are gone, as addresses.
    ///
    /// The next lenders go on counting there, so that a value that was kept still finds another
    /// number than its own.
    private static let spare = Mutex<[UInt]>([])

    init() {
        let address = Self.spare.withLock { $0.popLast() }
        let known = unsafe address.flatMap { unsafe UnsafeMutablePointer<UInt64>(bitPattern: $0) }
        if let known = unsafe known {
            unsafe number = known
        } else {
            unsafe number = .allocate(capacity: 1)
            unsafe number.initialize(to: 0)
        }
    }

    // Lends nothing any more: its parser takes a document back before it lets go of anything.
    deinit {
        let address = unsafe UInt(bitPattern: number)
        Self.spare.withLock { $0.append(address) }
    }

    /// Begins a loan, and ends the one before.
    func lend() -> JSONLoan {
        takeBack()
        return unsafe JSONLoan(number)
    }

    /// Ends the loan.
    func takeBack() { unsafe number.pointee &+= 1 }
}
