// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .treatAllWarnings(as: .error),
]

let package = Package(
    name: "firedrill",
    products: [
        .executable(name: "firedrill", targets: ["firedrill"]),
        .executable(name: "testnode", targets: ["testnode"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2"),
        .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/hummingbird-project/swift-mustache", from: "2.1.1"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/swhitty/FlyingFox", from: "0.27.1"),
    ],
    targets: [
        .systemLibrary(name: "CLibssh2", pkgConfig: "libssh2", providers: [.apt(["libssh2-1-dev"])]),
        .systemLibrary(
            name: "CMarkGFM", providers: [.apt(["libcmark-gfm-dev", "libcmark-gfm-extensions-dev"])]),
        .systemLibrary(
            name: "CSecp256k1", pkgConfig: "libsecp256k1", providers: [.apt(["libsecp256k1-dev"])]),
        .target(
            name: "SSH", dependencies: ["CLibssh2", .product(name: "Crypto", package: "swift-crypto")],
            exclude: ["README.md"], swiftSettings: strict),
        .target(name: "Timeline", exclude: ["README.md"], swiftSettings: strict),
        .target(
            name: "Definitions",
            dependencies: [
                "CMarkGFM", "Timeline", "Yams",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "Mustache", package: "swift-mustache"),
            ],
            exclude: ["README.md"], swiftSettings: strict),
        .target(
            name: "Replay",
            dependencies: [
                "Definitions", "Timeline",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "Subprocess", package: "swift-subprocess"),
                .product(name: "SystemPackage", package: "swift-system"),
            ],
            exclude: ["README.md"], swiftSettings: strict),
        .target(
            name: "Reporting", dependencies: ["Timeline", .product(name: "GRDB", package: "GRDB.swift")],
            exclude: ["README.md"], swiftSettings: strict),
        .target(name: "Consensus", exclude: ["README.md"], swiftSettings: strict),
        .executableTarget(
            name: "testnode",
            dependencies: [
                "Consensus", "CSecp256k1",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "FlyingFox", package: "FlyingFox"),
                .product(name: "FlyingSocks", package: "FlyingFox"),
                .product(name: "GRDB", package: "GRDB.swift"),
            ],
            exclude: ["README.md"], swiftSettings: strict),
        .executableTarget(
            name: "firedrill",
            dependencies: [
                "Definitions", "Replay", "Reporting", "SSH", "Timeline",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Subprocess", package: "swift-subprocess"),
            ],
            exclude: ["README.md"], swiftSettings: strict),
        .target(name: "BenchmarkFigures", path: "Benchmarks/Figures", swiftSettings: strict),
        .testTarget(name: "SSHTests", dependencies: ["SSH"], swiftSettings: strict),
        .testTarget(name: "TimelineTests", dependencies: ["Timeline"], swiftSettings: strict),
        .testTarget(
            name: "DefinitionsTests", dependencies: ["Definitions", "Timeline"], exclude: ["Fixtures"],
            swiftSettings: strict),
        .testTarget(
            name: "ReplayTests", dependencies: ["Replay"], exclude: ["Fixtures"], swiftSettings: strict),
        .testTarget(
            name: "FuzzTests", dependencies: ["Definitions", "Replay", "Timeline"], exclude: ["Fixtures"],
            swiftSettings: strict),
        .testTarget(
            name: "ReportingTests", dependencies: ["Reporting", "Timeline"], exclude: ["Fixtures"],
            swiftSettings: strict),
        .testTarget(
            name: "ConsensusTests",
            dependencies: ["Consensus", .product(name: "Crypto", package: "swift-crypto")], swiftSettings: strict),
        .testTarget(
            name: "testnodeTests",
            dependencies: ["testnode", .product(name: "Crypto", package: "swift-crypto")], swiftSettings: strict),
        .testTarget(name: "BenchmarkTests", dependencies: ["BenchmarkFigures"], swiftSettings: strict),
        .testTarget(
            name: "DrillTests", dependencies: ["Timeline"], exclude: ["Fixtures"], swiftSettings: strict),
    ]
)

// What measures is not part of the product: `make bench` asks for it, ordinary builds do not pay for it.
if Context.environment["FIREDRILL_BENCHMARKS"] != nil {
    package.targets.append(
        .executableTarget(
            name: "fleet-bench", dependencies: ["BenchmarkFigures", "SSH"], path: "Benchmarks/fleet-bench",
            swiftSettings: strict))
}
