"""The layers of a certificate: `HC1:` + base45( zlib( COSE_Sign1( CBOR claims ) ) )
(eu-dcc-hcert-spec 1.0.8).
"""
