//! Streams that Python wrote: how many out-of-band buffers each needs, its bytes, and what is in it.
//!
//! The comments are the expressions that CPython 3.11 pickled, with numpy 2.4 unless they say otherwise. `shop` is a
//! module of a few small classes; `cyc`, `rect` and `o` are a list, a tuple and an object that hold themselves.

/// The streams.
pub(super) const STREAMS: &[(usize, &[u8], &str)] = &[
    // {'a': 1, 'b': [True, None, 1.5, 'é', b'x', -5, 300, 70000, 2**40, 2**70, -2**63]}, protocol 0
    (
        0,
        b"(dp0\nVa\np1\nI1\nsVb\np2\n(lp3\nI01\naNaF1.5\naV\xe9\np4\nac_codecs\nencode\np5\n(Vx\np6\nVlatin1\np7\n\
          tp8\nRp9\naI-5\naI300\naI70000\naL1099511627776L\naL1180591620717411303424L\naL-9223372036854775808L\nas\
          .",
        r#"{"a", 1, "b", [true, None, 1.5, "é", b'x', -5, 300, 70000, 1099511627776, Big[0, 0, 0, 0, 0, 0, 0, 0, 40], -9223372036854775808]}"#,
    ),
    // {'a': 1, 'b': [True, None, 1.5, 'é', b'x', -5, 300, 70000, 2**40, 2**70, -2**63]}, protocol 1
    (
        0,
        b"}q\0(X\x01\0\0\0aq\x01K\x01X\x01\0\0\0bq\x02]q\x03(I01\nNG?\xf8\0\0\0\0\0\0X\x02\0\0\0\xc3\xa9q\x04c_cod\
          ecs\nencode\nq\x05(X\x01\0\0\0xq\x06X\x06\0\0\0latin1q\x07tq\x08Rq\x09J\xfb\xff\xff\xffM,\x01Jp\x11\x01\
          \0L1099511627776L\nL1180591620717411303424L\nL-9223372036854775808L\neu.",
        r#"{"a", 1, "b", [true, None, 1.5, "é", b'x', -5, 300, 70000, 1099511627776, Big[0, 0, 0, 0, 0, 0, 0, 0, 40], -9223372036854775808]}"#,
    ),
    // {'a': 1, 'b': [True, None, 1.5, 'é', b'x', -5, 300, 70000, 2**40, 2**70, -2**63]}, protocol 2
    (
        0,
        b"\x80\x02}q\0(X\x01\0\0\0aq\x01K\x01X\x01\0\0\0bq\x02]q\x03(\x88NG?\xf8\0\0\0\0\0\0X\x02\0\0\0\xc3\xa9q\
          \x04c_codecs\nencode\nq\x05X\x01\0\0\0xq\x06X\x06\0\0\0latin1q\x07\x86q\x08Rq\x09J\xfb\xff\xff\xffM,\x01\
          Jp\x11\x01\0\x8a\x06\0\0\0\0\0\x01\x8a\x09\0\0\0\0\0\0\0\0@\x8a\x08\0\0\0\0\0\0\0\x80eu.",
        r#"{"a", 1, "b", [true, None, 1.5, "é", b'x', -5, 300, 70000, 1099511627776, Big[0, 0, 0, 0, 0, 0, 0, 0, 40], -9223372036854775808]}"#,
    ),
    // {'a': 1, 'b': [True, None, 1.5, 'é', b'x', -5, 300, 70000, 2**40, 2**70, -2**63]}, protocol 3
    (
        0,
        b"\x80\x03}q\0(X\x01\0\0\0aq\x01K\x01X\x01\0\0\0bq\x02]q\x03(\x88NG?\xf8\0\0\0\0\0\0X\x02\0\0\0\xc3\xa9q\
          \x04C\x01xq\x05J\xfb\xff\xff\xffM,\x01Jp\x11\x01\0\x8a\x06\0\0\0\0\0\x01\x8a\x09\0\0\0\0\0\0\0\0@\x8a\
          \x08\0\0\0\0\0\0\0\x80eu.",
        r#"{"a", 1, "b", [true, None, 1.5, "é", b'x', -5, 300, 70000, 1099511627776, Big[0, 0, 0, 0, 0, 0, 0, 0, 40], -9223372036854775808]}"#,
    ),
    // {'a': 1, 'b': [True, None, 1.5, 'é', b'x', -5, 300, 70000, 2**40, 2**70, -2**63]}, protocol 5
    (
        0,
        b"\x80\x05\x95Q\0\0\0\0\0\0\0}\x94(\x8c\x01a\x94K\x01\x8c\x01b\x94]\x94(\x88NG?\xf8\0\0\0\0\0\0\x8c\x02\
          \xc3\xa9\x94C\x01x\x94J\xfb\xff\xff\xffM,\x01Jp\x11\x01\0\x8a\x06\0\0\0\0\0\x01\x8a\x09\0\0\0\0\0\0\0\0@\
          \x8a\x08\0\0\0\0\0\0\0\x80eu.",
        r#"{"a", 1, "b", [true, None, 1.5, "é", b'x', -5, 300, 70000, 1099511627776, Big[0, 0, 0, 0, 0, 0, 0, 0, 40], -9223372036854775808]}"#,
    ),
    // 'a\\u0041\né\ud800', protocol 0
    (0, b"Va\\u005cu0041\\u000a\xe9\\ud800\np0\n.", r"Surrogates(a\\u0041\n\xc3\xa9\xed\xa0\x80)"),
    // 'a\\u0041\né\ud800', protocol 5
    (
        0,
        b"\x80\x05\x95\x11\0\0\0\0\0\0\0\x8c\x0da\\u0041\n\xc3\xa9\xed\xa0\x80\x94.",
        r"Surrogates(a\\u0041\n\xc3\xa9\xed\xa0\x80)",
    ),
    // ({1, 2}, frozenset([3]), (), (1, 2), (1, 2, 3, 4), bytearray(b'x\xff'), complex(1, 2), b''), protocol 2
    (
        0,
        b"\x80\x02(c__builtin__\nset\nq\0]q\x01(K\x01K\x02e\x85q\x02Rq\x03c__builtin__\nfrozenset\nq\x04]q\x05K\
          \x03a\x85q\x06Rq\x07)K\x01K\x02\x86q\x08(K\x01K\x02K\x03K\x04tq\x09c__builtin__\nbytearray\nq\nc_codecs\
          \nencode\nq\x0bX\x03\0\0\0x\xc3\xbfq\x0cX\x06\0\0\0latin1q\x0d\x86q\x0eRq\x0f\x85q\x10Rq\x11c__builtin__\
          \ncomplex\nq\x12G?\xf0\0\0\0\0\0\0G@\0\0\0\0\0\0\0\x86q\x13Rq\x14c__builtin__\nbytes\nq\x15)Rq\x16tq\x17\
          .",
        r"(Set[1, 2], Set[3], (), (1, 2), (1, 2, 3, 4), b'x\xff', 1.0+2.0j, b'')",
    ),
    // ({1, 2}, frozenset([3]), (), (1, 2), (1, 2, 3, 4), bytearray(b'x\xff'), complex(1, 2), b''), protocol 5
    (
        0,
        b"\x80\x05\x95_\0\0\0\0\0\0\0(\x8f\x94(K\x01K\x02\x90(K\x03\x91\x94)K\x01K\x02\x86\x94(K\x01K\x02K\x03K\
          \x04t\x94\x96\x02\0\0\0\0\0\0\0x\xff\x94\x8c\x08builtins\x94\x8c\x07complex\x94\x93\x94G?\xf0\0\0\0\0\0\
          \0G@\0\0\0\0\0\0\0\x86\x94R\x94C\0\x94t\x94.",
        r"(Set[1, 2], Set[3], (), (1, 2), (1, 2, 3, 4), b'x\xff', 1.0+2.0j, b'')",
    ),
    // (OrderedDict(a=1), defaultdict(list, b=2), Counter('aab'), deque([1, 2], 5), deque([3])), protocol 2
    (
        0,
        b"\x80\x02(ccollections\nOrderedDict\nq\0)Rq\x01X\x01\0\0\0aq\x02K\x01sccollections\ndefaultdict\nq\x03c__\
          builtin__\nlist\nq\x04\x85q\x05Rq\x06X\x01\0\0\0bq\x07K\x02sccollections\nCounter\nq\x08}q\x09(X\x01\0\0\
          \0aq\nK\x02X\x01\0\0\0bq\x0bK\x01u\x85q\x0cRq\x0dccollections\ndeque\nq\x0e)K\x05\x86q\x0fRq\x10(K\x01K\
          \x02eh\x0e)Rq\x11K\x03atq\x12.",
        r#"({"a", 1}, {"b", 2}, {"a", 2, "b", 1}, [1, 2], [3])"#,
    ),
    // (OrderedDict(a=1), defaultdict(list, b=2), Counter('aab'), deque([1, 2], 5), deque([3])), protocol 5
    (
        0,
        b"\x80\x05\x95\xa0\0\0\0\0\0\0\0(\x8c\x0bcollections\x94\x8c\x0bOrderedDict\x94\x93\x94)R\x94\x8c\x01a\x94\
          K\x01sh\0\x8c\x0bdefaultdict\x94\x93\x94\x8c\x08builtins\x94\x8c\x04list\x94\x93\x94\x85\x94R\x94\x8c\
          \x01b\x94K\x02sh\0\x8c\x07Counter\x94\x93\x94}\x94(\x8c\x01a\x94K\x02\x8c\x01b\x94K\x01u\x85\x94R\x94h\0\
          \x8c\x05deque\x94\x93\x94)K\x05\x86\x94R\x94(K\x01K\x02eh\x15)R\x94K\x03at\x94.",
        r#"({"a", 1}, {"b", 2}, {"a", 2, "b", 1}, [1, 2], [3])"#,
    ),
    // (array.array('d', [1.5]), array.array('H', [258])), protocol 2
    (
        0,
        b"\x80\x02carray\narray\nq\0X\x01\0\0\0dq\x01]q\x02G?\xf8\0\0\0\0\0\0a\x86q\x03Rq\x04h\0X\x01\0\0\0Hq\x05]\
          q\x06M\x02\x01a\x86q\x07Rq\x08\x86q\x09.",
        "([1.5], [258])",
    ),
    // (array.array('d', [1.5]), array.array('H', [258])), protocol 5
    (
        0,
        b"\x80\x05\x95`\0\0\0\0\0\0\0\x8c\x05array\x94\x8c\x14_array_reconstructor\x94\x93\x94(\x8c\x05array\x94\
          \x8c\x05array\x94\x93\x94\x8c\x01d\x94K\x10C\x08\0\0\0\0\0\0\xf8?\x94t\x94R\x94h\x02(h\x05\x8c\x01H\x94K\
          \x02C\x02\x02\x01\x94t\x94R\x94\x86\x94.",
        r"(Array(<f8 Some([1]) C Sequence b'\x00\x00\x00\x00\x00\x00\xf8?'), Array(<u2 Some([1]) C Sequence b'\x02\x01'))",
    ),
    // (Item(), D(x=1)), protocol 0
    (
        0,
        b"(ccopy_reg\n_reconstructor\np0\n(cshop\nItem\np1\nc__builtin__\nobject\np2\nNtp3\nRp4\n(dp5\nVprice\np6\
          \nF1.5\nsbg0\n(cshop\nD\np7\nc__builtin__\ndict\np8\n(dp9\nVx\np10\nI1\nstp11\nRp12\ntp13\n.",
        r#"(shop.Item().{"price", 1.5}, shop.D({"x", 1}))"#,
    ),
    // (Item(), Slots(), D(x=1)), protocol 2
    (
        0,
        b"\x80\x02cshop\nItem\nq\0)\x81q\x01}q\x02X\x05\0\0\0priceq\x03G?\xf8\0\0\0\0\0\0sbcshop\nSlots\nq\x04)\
          \x81q\x05N}q\x06X\x01\0\0\0aq\x07K\x01s\x86q\x08bcshop\nD\nq\x09)\x81q\nX\x01\0\0\0xq\x0bK\x01s\x87q\x0c\
          .",
        r#"(shop.Item().{"price", 1.5}, shop.Slots().{"a", 1}, shop.D()+{"x", 1})"#,
    ),
    // (Item(), Slots(), D(x=1)), protocol 5
    (
        0,
        b"\x80\x05\x95Y\0\0\0\0\0\0\0\x8c\x04shop\x94\x8c\x04Item\x94\x93\x94)\x81\x94}\x94\x8c\x05price\x94G?\xf8\
          \0\0\0\0\0\0sbh\0\x8c\x05Slots\x94\x93\x94)\x81\x94N}\x94\x8c\x01a\x94K\x01s\x86\x94bh\0\x8c\x01D\x94\
          \x93\x94)\x81\x94\x8c\x01x\x94K\x01s\x87\x94.",
        r#"(shop.Item().{"price", 1.5}, shop.Slots().{"a", 1}, shop.D()+{"x", 1})"#,
    ),
    // NT(n=1), protocol 4
    (
        0,
        b"\x80\x04\x95#\0\0\0\0\0\0\0\x8c\x04shop\x94\x8c\x02NT\x94\x93\x94)}\x94\x8c\x01n\x94K\x01s\x92\x94}\x94h\
          \x04K\x01sb.",
        r#"shop.NT()**{"n", 1}.{"n", 1}"#,
    ),
    // [cyc, rect, o], protocol 0
    (
        0,
        b"(lp0\n(lp1\ng1\naa((lp2\n(g2\ntp3\na00g3\naccopy_reg\n_reconstructor\np4\n(cshop\nItem\np5\nc__builtin__\
          \nobject\np6\nNtp7\nRp8\n(dp9\nVprice\np10\nF1.5\nsVme\np11\ng8\nsba.",
        r#"[[…], ([…]), shop.Item().{"price", 1.5, "me", …}]"#,
    ),
    // [cyc, rect, o], protocol 5
    (
        0,
        b"\x80\x05\x95D\0\0\0\0\0\0\0]\x94(]\x94h\x01a]\x94h\x02\x85\x94a0h\x03\x8c\x04shop\x94\x8c\x04Item\x94\
          \x93\x94)\x81\x94}\x94(\x8c\x05price\x94G?\xf8\0\0\0\0\0\0\x8c\x02me\x94h\x07ube.",
        r#"[[…], ([…]), shop.Item().{"price", 1.5, "me", …}]"#,
    ),
    // (slice(1, 2), int, getattr), protocol 4
    (
        0,
        b"\x80\x04\x95B\0\0\0\0\0\0\0\x8c\x08builtins\x94\x8c\x05slice\x94\x93\x94K\x01K\x02N\x87\x94R\x94h\0\x8c\
          \x03int\x94\x93\x94\x8c\x08builtins\x94\x8c\x07getattr\x94\x93\x94\x87\x94.",
        "(builtins.slice(1, 2, None), <builtins.int>, <builtins.getattr>)",
    ),
    // pickle.PickleBuffer(bytearray(b'abc')), protocol 5
    (1, b"\x80\x05\x97.", "Buffer(0)"),
    // pickle.PickleBuffer(b'abc'), protocol 5
    (1, b"\x80\x05\x97\x98.", "Buffer(0)"),
    // np.arange(3.0), protocol 5
    (
        1,
        b"\x80\x05\x95k\0\0\0\0\0\0\0\x8c\x13numpy._core.numeric\x94\x8c\x0b_frombuffer\x94\x93\x94(\x97\x8c\x05nu\
          mpy\x94\x8c\x05dtype\x94\x93\x94\x8c\x02f8\x94\x89\x88\x87\x94R\x94(K\x03\x8c\x01<\x94NNNJ\xff\xff\xff\
          \xffJ\xff\xff\xff\xffK\0t\x94bK\x03\x85\x94\x8c\x01C\x94t\x94R\x94.",
        "Array(<f8 Some([3]) C Sequence Buffer(0))",
    ),
    // np.arange(6.0)[::2], protocol 2
    (
        0,
        b"\x80\x02cnumpy._core.multiarray\n_reconstruct\nq\0cnumpy\nndarray\nq\x01K\0\x85q\x02c_codecs\nencode\nq\
          \x03X\x01\0\0\0bq\x04X\x06\0\0\0latin1q\x05\x86q\x06Rq\x07\x87q\x08Rq\x09(K\x01K\x03\x85q\ncnumpy\ndtype\
          \nq\x0bX\x02\0\0\0f8q\x0c\x89\x88\x87q\x0dRq\x0e(K\x03X\x01\0\0\0<q\x0fNNNJ\xff\xff\xff\xffJ\xff\xff\xff\
          \xffK\0tq\x10b\x89h\x03X\x18\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0@\0\0\0\0\0\0\x10@q\x11h\x05\x86q\x12Rq\
          \x13tq\x14b.",
        r"Array(<f8 Some([3]) C Sequence b'\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00@\x00\x00\x00\x00\x00\x00\x10@')",
    ),
    // np.arange(6.0)[::2], protocol 5
    (
        0,
        b"\x80\x05\x95\xa1\0\0\0\0\0\0\0\x8c\x16numpy._core.multiarray\x94\x8c\x0c_reconstruct\x94\x93\x94\x8c\x05\
          numpy\x94\x8c\x07ndarray\x94\x93\x94K\0\x85\x94C\x01b\x94\x87\x94R\x94(K\x01K\x03\x85\x94h\x03\x8c\x05dt\
          ype\x94\x93\x94\x8c\x02f8\x94\x89\x88\x87\x94R\x94(K\x03\x8c\x01<\x94NNNJ\xff\xff\xff\xffJ\xff\xff\xff\
          \xffK\0t\x94b\x89C\x18\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0@\0\0\0\0\0\0\x10@\x94t\x94b.",
        r"Array(<f8 Some([3]) C Sequence b'\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00@\x00\x00\x00\x00\x00\x00\x10@')",
    ),
    // np.asfortranarray(np.zeros((2, 3), '>i4')), protocol 5
    (
        1,
        b"\x80\x05\x95m\0\0\0\0\0\0\0\x8c\x13numpy._core.numeric\x94\x8c\x0b_frombuffer\x94\x93\x94(\x97\x8c\x05nu\
          mpy\x94\x8c\x05dtype\x94\x93\x94\x8c\x02i4\x94\x89\x88\x87\x94R\x94(K\x03\x8c\x01>\x94NNNJ\xff\xff\xff\
          \xffJ\xff\xff\xff\xffK\0t\x94bK\x02K\x03\x86\x94\x8c\x01F\x94t\x94R\x94.",
        "Array(>i4 Some([2, 3]) Fortran Sequence Buffer(0))",
    ),
    // np.zeros((2, 3, 4), 'i1').transpose(1, 0, 2), protocol 5
    (
        1,
        b"\x80\x05\x95w\0\0\0\0\0\0\0\x8c\x13numpy._core.numeric\x94\x8c\x0b_frombuffer\x94\x93\x94(\x97\x8c\x05nu\
          mpy\x94\x8c\x05dtype\x94\x93\x94\x8c\x02i1\x94\x89\x88\x87\x94R\x94(K\x03\x8c\x01|\x94NNNJ\xff\xff\xff\
          \xffJ\xff\xff\xff\xffK\0t\x94bK\x02K\x03K\x04\x87\x94\x8c\x01K\x94K\x01K\0K\x02\x87\x94t\x94R\x94.",
        "Array(|i1 Some([3, 2, 4]) Axes([1, 0, 2]) Sequence Buffer(0))",
    ),
    // (np.float64(1.5), np.True_, np.int8(-1), np.str_('hé'), np.datetime64('2020', '25s')), protocol 5
    (
        0,
        b"\x80\x05\x95?\x01\0\0\0\0\0\0(\x8c\x16numpy._core.multiarray\x94\x8c\x06scalar\x94\x93\x94\x8c\x05numpy\
          \x94\x8c\x05dtype\x94\x93\x94\x8c\x02f8\x94\x89\x88\x87\x94R\x94(K\x03\x8c\x01<\x94NNNJ\xff\xff\xff\xffJ\
          \xff\xff\xff\xffK\0t\x94bC\x08\0\0\0\0\0\0\xf8?\x94\x86\x94R\x94h\x02h\x05\x8c\x02b1\x94\x89\x88\x87\x94\
          R\x94(K\x03\x8c\x01|\x94NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\0t\x94bC\x01\x01\x94\x86\x94R\x94h\x02h\
          \x05\x8c\x02i1\x94\x89\x88\x87\x94R\x94(K\x03h\x11NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\0t\x94bC\x01\
          \xff\x94\x86\x94R\x94h\x02h\x05\x8c\x02U2\x94\x89\x88\x87\x94R\x94(K\x03h\x09NNNK\x08K\x04K\x08t\x94bC\
          \x08h\0\0\0\xe9\0\0\0\x94\x86\x94R\x94h\x02h\x05\x8c\x02M8\x94\x89\x88\x87\x94R\x94(K\x04h\x09NNNJ\xff\
          \xff\xff\xffJ\xff\xff\xff\xffK\0N(C\x01s\x94K\x19K\x01K\x01t\x94\x86\x94t\x94bC\x08\0\x09\xc3\x03\0\0\0\
          \0\x94\x86\x94R\x94t\x94.",
        r"(<f8'\x00\x00\x00\x00\x00\x00\xf8?', |b1'\x01', |i1'\xff', <U2'h\x00\x00\x00\xe9\x00\x00\x00', <M8[25s]'\x00\t\xc3\x03\x00\x00\x00\x00')",
    ),
    // np.array(['2020'], 'M8[ns]'), protocol 5
    (
        0,
        b"\x80\x05\x95\xa2\0\0\0\0\0\0\0\x8c\x16numpy._core.multiarray\x94\x8c\x0c_reconstruct\x94\x93\x94\x8c\x05\
          numpy\x94\x8c\x07ndarray\x94\x93\x94K\0\x85\x94C\x01b\x94\x87\x94R\x94(K\x01K\x01\x85\x94h\x03\x8c\x05dt\
          ype\x94\x93\x94\x8c\x02M8\x94\x89\x88\x87\x94R\x94(K\x04\x8c\x01<\x94NNNJ\xff\xff\xff\xffJ\xff\xff\xff\
          \xffK\0N(C\x02ns\x94K\x01K\x01K\x01t\x94\x86\x94t\x94b\x89C\x08\0\0\x8a\xb95\x9a\xe5\x15\x94t\x94b.",
        r"Array(<M8[ns] Some([1]) C Sequence b'\x00\x00\x8a\xb95\x9a\xe5\x15')",
    ),
    // np.array([None, [1]], object), protocol 5
    (
        0,
        b"\x80\x05\x95\x90\0\0\0\0\0\0\0\x8c\x16numpy._core.multiarray\x94\x8c\x0c_reconstruct\x94\x93\x94\x8c\x05\
          numpy\x94\x8c\x07ndarray\x94\x93\x94K\0\x85\x94C\x01b\x94\x87\x94R\x94(K\x01K\x02\x85\x94h\x03\x8c\x05dt\
          ype\x94\x93\x94\x8c\x02O8\x94\x89\x88\x87\x94R\x94(K\x03\x8c\x01|\x94NNNJ\xff\xff\xff\xffJ\xff\xff\xff\
          \xffK?t\x94b\x89]\x94(N]\x94K\x01aet\x94b.",
        "Objects([2] None, [1])",
    ),
    // np.zeros(1, [('a', 'i4')]), protocol 5
    (
        1,
        b"\x80\x05\x95\x98\0\0\0\0\0\0\0\x8c\x13numpy._core.numeric\x94\x8c\x0b_frombuffer\x94\x93\x94(\x97\x8c\
          \x05numpy\x94\x8c\x05dtype\x94\x93\x94\x8c\x02V4\x94\x89\x88\x87\x94R\x94(K\x03\x8c\x01|\x94N\x8c\x01a\
          \x94\x85\x94}\x94h\nh\x05\x8c\x02i4\x94\x89\x88\x87\x94R\x94(K\x03\x8c\x01<\x94NNNJ\xff\xff\xff\xffJ\xff\
          \xff\xff\xffK\0t\x94bK\0\x86\x94sK\x04K\x01K\x10t\x94bK\x01\x85\x94\x8c\x01C\x94t\x94R\x94.",
        "Array(|V4 Some([1]) C Sequence {0 a <i4 } Buffer(0))",
    ),
    // np.array(['ab', 'c'])[::2], protocol 5
    (
        1,
        b"\x80\x05\x95e\0\0\0\0\0\0\0\x8c\x13numpy._core.numeric\x94\x8c\x0b_frombuffer\x94\x93\x94(\x97\x8c\x05nu\
          mpy\x94\x8c\x05dtype\x94\x93\x94\x8c\x02U2\x94\x89\x88\x87\x94R\x94(K\x03\x8c\x01<\x94NNNK\x08K\x04K\x08\
          t\x94bK\x01\x85\x94\x8c\x01C\x94t\x94R\x94.",
        "Array(<U2 Some([1]) C Sequence Buffer(0))",
    ),
    // np.float64(0.1), protocol 2
    (
        0,
        b"\x80\x02cnumpy._core.multiarray\nscalar\nq\0cnumpy\ndtype\nq\x01X\x02\0\0\0f8q\x02\x89\x88\x87q\x03Rq\
          \x04(K\x03X\x01\0\0\0<q\x05NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\0tq\x06bc_codecs\nencode\nq\x07X\x0f\0\
          \0\0\xc2\x9a\xc2\x99\xc2\x99\xc2\x99\xc2\x99\xc2\x99\xc2\xb9?q\x08X\x06\0\0\0latin1q\x09\x86q\nRq\x0b\
          \x86q\x0cRq\x0d.",
        r"<f8'\x9a\x99\x99\x99\x99\x99\xb9?'",
    ),
    // np.arange(2.0), protocol 5, without buffer_callback
    (
        0,
        b"\x80\x05\x95\x84\0\0\0\0\0\0\0\x8c\x13numpy._core.numeric\x94\x8c\x0b_frombuffer\x94\x93\x94(\x96\x10\0\
          \0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\xf0?\x94\x8c\x05numpy\x94\x8c\x05dtype\x94\x93\x94\x8c\x02f8\
          \x94\x89\x88\x87\x94R\x94(K\x03\x8c\x01<\x94NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\0t\x94bK\x02\x85\x94\
          \x8c\x01C\x94t\x94R\x94.",
        r"Array(<f8 Some([2]) C Sequence b'\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\xf0?')",
    ),
    // np.arange(3.0), protocol 5, numpy 1.26
    (
        1,
        b"\x80\x05\x95j\0\0\0\0\0\0\0\x8c\x12numpy.core.numeric\x94\x8c\x0b_frombuffer\x94\x93\x94(\x97\x8c\x05num\
          py\x94\x8c\x05dtype\x94\x93\x94\x8c\x02f8\x94\x89\x88\x87\x94R\x94(K\x03\x8c\x01<\x94NNNJ\xff\xff\xff\
          \xffJ\xff\xff\xff\xffK\0t\x94bK\x03\x85\x94\x8c\x01C\x94t\x94R\x94.",
        "Array(<f8 Some([3]) C Sequence Buffer(0))",
    ),
    // np.array([[1, 200], [3, 4]], 'u1')[:, ::-1].copy('F'), protocol 2, numpy 1.26
    (
        0,
        b"\x80\x02cnumpy.core.multiarray\n_reconstruct\nq\0cnumpy\nndarray\nq\x01K\0\x85q\x02c_codecs\nencode\nq\
          \x03X\x01\0\0\0bq\x04X\x06\0\0\0latin1q\x05\x86q\x06Rq\x07\x87q\x08Rq\x09(K\x01K\x02K\x02\x86q\ncnumpy\n\
          dtype\nq\x0bX\x02\0\0\0u1q\x0c\x89\x88\x87q\x0dRq\x0e(K\x03X\x01\0\0\0|q\x0fNNNJ\xff\xff\xff\xffJ\xff\
          \xff\xff\xffK\0tq\x10b\x88h\x03X\x05\0\0\0\xc3\x88\x04\x01\x03q\x11h\x05\x86q\x12Rq\x13tq\x14b.",
        r"Array(|u1 Some([2, 2]) Fortran Sequence b'\xc8\x04\x01\x03')",
    ),
    // np.array([[1, 200], [3, 4]], 'u1')[:, ::-1].copy('F'), protocol 5, numpy 1.26
    (
        1,
        b"\x80\x05\x95l\0\0\0\0\0\0\0\x8c\x12numpy.core.numeric\x94\x8c\x0b_frombuffer\x94\x93\x94(\x97\x8c\x05num\
          py\x94\x8c\x05dtype\x94\x93\x94\x8c\x02u1\x94\x89\x88\x87\x94R\x94(K\x03\x8c\x01|\x94NNNJ\xff\xff\xff\
          \xffJ\xff\xff\xff\xffK\0t\x94bK\x02K\x02\x86\x94\x8c\x01F\x94t\x94R\x94.",
        "Array(|u1 Some([2, 2]) Fortran Sequence Buffer(0))",
    ),
    // np.array([0.1, 0.2], '>f4'), protocol 2, numpy 1.26
    (
        0,
        b"\x80\x02cnumpy.core.multiarray\n_reconstruct\nq\0cnumpy\nndarray\nq\x01K\0\x85q\x02c_codecs\nencode\nq\
          \x03X\x01\0\0\0bq\x04X\x06\0\0\0latin1q\x05\x86q\x06Rq\x07\x87q\x08Rq\x09(K\x01K\x02\x85q\ncnumpy\ndtype\
          \nq\x0bX\x02\0\0\0f4q\x0c\x89\x88\x87q\x0dRq\x0e(K\x03X\x01\0\0\0>q\x0fNNNJ\xff\xff\xff\xffJ\xff\xff\xff\
          \xffK\0tq\x10b\x89h\x03X\x0d\0\0\0=\xc3\x8c\xc3\x8c\xc3\x8d>L\xc3\x8c\xc3\x8dq\x11h\x05\x86q\x12Rq\x13tq\
          \x14b.",
        r"Array(>f4 Some([2]) C Sequence b'=\xcc\xcc\xcd>L\xcc\xcd')",
    ),
    // (np.float32(1.5), np.timedelta64(3, 'D')), protocol 4, numpy 1.26
    (
        0,
        b"\x80\x04\x95\xad\0\0\0\0\0\0\0\x8c\x15numpy.core.multiarray\x94\x8c\x06scalar\x94\x93\x94\x8c\x05numpy\
          \x94\x8c\x05dtype\x94\x93\x94\x8c\x02f4\x94\x89\x88\x87\x94R\x94(K\x03\x8c\x01<\x94NNNJ\xff\xff\xff\xffJ\
          \xff\xff\xff\xffK\0t\x94bC\x04\0\0\xc0?\x94\x86\x94R\x94h\x02h\x05\x8c\x02m8\x94\x89\x88\x87\x94R\x94(K\
          \x04h\x09NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\0}\x94(C\x01D\x94K\x01K\x01K\x01t\x94\x86\x94t\x94bC\x08\
          \x03\0\0\0\0\0\0\0\x94\x86\x94R\x94\x86\x94.",
        r"(<f4'\x00\x00\xc0?', <m8[D]'\x03\x00\x00\x00\x00\x00\x00\x00')",
    ),
];
