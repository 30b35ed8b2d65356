/// Lets a few tests play at once, in the order in which they came. A small testnet leaves a machine with two processors room
/// for another; a full one takes all of it, and is measured.
actor Turns {
    static let drills = Turns(places: 2)

    private var free: Int
    private var waiting: [(places: Int, turn: CheckedContinuation<Void, Never>)] = []

    init(places: Int) { free = places }

    /// Waits until `places` are free and nobody who came earlier waits. Not more than there are.
    func take(_ places: Int) async {
        if waiting.isEmpty, free >= places {
            free -= places
        } else {
            await withCheckedContinuation { waiting.append((places, $0)) }
        }
    }

    func giveBack(_ places: Int) {
        free += places
        while let next = waiting.first, free >= next.places {
            free -= next.places
            waiting.removeFirst().turn.resume()
        }
    }
}
