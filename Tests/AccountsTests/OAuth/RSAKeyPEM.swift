import CryptoExtras

/// One RSA key for all tests: making one takes a while.
enum RSAKeyPEM {
    static let shared = Result { try _RSA.Signing.PrivateKey(keySize: .bits2048).pemRepresentation }
}
