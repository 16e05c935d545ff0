/// A certificate for `localhost` that holds for a century, its key, keys that don't fit, and
/// another certificate with its own.
package enum TestCertificate {
    package static let chain = """
        -----BEGIN CERTIFICATE-----
        MIIBfjCCASWgAwIBAgIURK1i1H8N0ejHujAQLq0xFC7xu8wwCgYIKoZIzj0EAwIw
        FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyNzAwMzg0OFoYDzIxMjYxMTAz
        MDAzODQ4WjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
        PQMBBwNCAAQ35eEhPnNK/0NpR4p0EFeWvGwdngq6OCBwt91Ak3hUSiyfPFyZ3nBg
        ZoceAUkdTLYxuFydYG/vjkE5jBWFL5Pio1MwUTAdBgNVHQ4EFgQUCHERlFDtfda3
        LeQ/2yU/SdGgxOwwHwYDVR0jBBgwFoAUCHERlFDtfda3LeQ/2yU/SdGgxOwwDwYD
        VR0TAQH/BAUwAwEB/zAKBggqhkjOPQQDAgNHADBEAiABsnxNlDsFfrMCYr8Y2tEr
        bkAJ8nivegc73k3MWNaQ+QIgLkj9gSST6bCyIyuFdroJQ88F4QsmX9CSDZNXNwJn
        Qzc=
        -----END CERTIFICATE-----
        """

    package static let key = """
        -----BEGIN PRIVATE KEY-----
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQghZqghNBsmJRk12ca
        BXqvK4tRYoxnyz7rJGTi8Yg7+Y+hRANCAAQ35eEhPnNK/0NpR4p0EFeWvGwdngq6
        OCBwt91Ak3hUSiyfPFyZ3nBgZoceAUkdTLYxuFydYG/vjkE5jBWFL5Pi
        -----END PRIVATE KEY-----
        """

    package static let otherKey = """
        -----BEGIN PRIVATE KEY-----
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgvBeNwPt/w+ubpumH
        9i39BQIHSQY0suoaJ+8XR/gtixqhRANCAAQrLFG1aVImLIAiHY3DsvE1zFq88NAv
        7IHV8gBeIl+nd4q+bhuygoMNzzcsZieeFUVECDp1CfL/8+ekNOkJWIDj
        -----END PRIVATE KEY-----
        """

    package static let encryptedKey = """
        -----BEGIN ENCRYPTED PRIVATE KEY-----
        MIHsMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAj5oFoYZeIhQQICCAAw
        DAYIKoZIhvcNAgkFADAdBglghkgBZQMEASoEEOb+ZcH44PkvPgDcw52xtuMEgZBg
        jufU8YFdzlD1lIr3QXWncENjEY9NOSJFH74wjgKFRF8HYIaS7ROFBuBKVznDP3nb
        +7wPduSgnQwJK6p999OFDSKH0CyA7PcWAMgc5F820eaFW4SXdHPESNzYdnP0vJt7
        +m4n9cKC7sZDQza9t0R7SEA69aqosxG2rKMEaJuyQMVzCM1QyIKtKUrgriWBj7k=
        -----END ENCRYPTED PRIVATE KEY-----
        """

    package static let strangersChain = """
        -----BEGIN CERTIFICATE-----
        MIIBfDCCASOgAwIBAgIUCQzJrA5qX2JINSpOl5BtepGsvikwCgYIKoZIzj0EAwIw
        EzERMA8GA1UEAwwIc3RyYW5nZXIwIBcNMjYxMTI3MDI1NTI2WhgPMjEyNjExMDMw
        MjU1MjZaMBMxETAPBgNVBAMMCHN0cmFuZ2VyMFkwEwYHKoZIzj0CAQYIKoZIzj0D
        AQcDQgAE24cuUJbjKrBRoeChOkwtLcMfE5DDMWByRVqZz54DKCuqFmFNFQetjcrS
        F7dhHcZnQq4tcKMmg6JI4ufWvxS2uqNTMFEwHQYDVR0OBBYEFNxHrcWEXp24TqjQ
        w/SeH/pLosP/MB8GA1UdIwQYMBaAFNxHrcWEXp24TqjQw/SeH/pLosP/MA8GA1Ud
        EwEB/wQFMAMBAf8wCgYIKoZIzj0EAwIDRwAwRAIgUTpg38GCy2n45NOkBTmOrcWB
        oVfteqDv7JFiAtFouVMCIE7LPQgz9mbVhpThKSMJNtr0xaF1SmMpLYDeRbfjeTPv
        -----END CERTIFICATE-----
        """

    package static let strangersKey = """
        -----BEGIN PRIVATE KEY-----
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg3HYkzGXaMN5BiPuR
        Jt3wowVKbpHlAfQy2oIAuDsuGoahRANCAATbhy5QluMqsFGh4KE6TC0twx8TkMMx
        YHJFWpnPngMoK6oWYU0VB62NytIXt2EdxmdCri1woyaDokji59a/FLa6
        -----END PRIVATE KEY-----
        """
}
