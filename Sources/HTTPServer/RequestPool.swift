/// Parts of requests that are used again, so that a request costs no allocation of its own.
///
/// Connections borrow them while a request is in progress; idle ones hold none.
@safe
final class RequestPool {
    let table = HeadTable()
    private var storages: [HeadStorage] = []
    private var readers: [MessageReader] = []

    /// Parts kept; a loop's turn seldom has more requests in progress, and each is some KB.
    private static let keptMax = 64

    init() {}

    func takeStorage() -> HeadStorage { storages.popLast() ?? HeadStorage() }

    func takeReader() -> MessageReader { readers.popLast() ?? MessageReader() }

    func giveBack(_ storage: HeadStorage) {
        if storages.count < Self.keptMax, storage.isSmall { storages.append(storage) }
    }

    func giveBack(_ reader: MessageReader) {
        _ = reader.takeBody()
        if readers.count < Self.keptMax { readers.append(reader) }
    }
}
