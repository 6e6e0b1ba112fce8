package banyan.jobs.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import banyan.jobs.Refusal;
import banyan.schemas.Contract.Identity;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PseudonymTest {
    private static final String KEY = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            nullValues = "-",
            value = {
                "id_number   | 350199198502020018    | 350199198502020018",
                "id_number   | ３５０１９９１９８５０２０２００１ｘ | 35019919850202001X",
                "id_number   | 350199850202001       | 350199198502020014", // GB 11643: 19 and the check digit
                "id_number   | ' p 123 4567 '        | P1234567",
                "phone       | +86 1000-000-0009     | 10000000009",
                "phone       | 008610000000009       | 10000000009",
                "phone       | 0591-1000000          | 05911000000",
                "phone       | 138****5678           | -",
                "phone       | 00000000000           | -",
                "phone       | 12315                 | -",
                "person_name | ' 测试·甲 '              | 测试甲",
                "person_name | '  '                  | -",
                "amount      | 1,000.5万元人民币          | 1,000.5万元",
                "amount      | 人民币（１０００万）           | 1000万元",
                "amount      | 480                   | 480",
                "amount      | 500万美元                | -",
                "amount      | 350199198502020018    | -",
                "amount      | 350199850202001       | -",
                "amount      | 10000000009           | -",
                "amount      | 1000000               | -",
                "amount      | 10000000元             | 10000000元",
                "amount      | 测试乙                   | -",
                "amount      | 测试乙 500万；测试丙 500万     | -",
                "amount      | 1,00                  | -",
                "id_number   | -                     | -"
            })
    void anIdentityHasOneForm(Identity kind, String written, String normal) {
        assertThat(Pseudonym.normal(kind, written)).isEqualTo(normal);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            nullValues = "-",
            value = {
                "id_number   | 350199198502020018 | 350199************",
                "phone       | 10000000009        | 100********",
                "person_name | 测试甲                | 测**",
                "person_name | 甲                  | **",
                "amount      | 1000万             | 1000万元",
                "amount      | 测试乙                | -",
                "person_name | 𠮷测试                | 𠮷**",
                "id_number   | 12                 | 1*",
                "phone       | -                  | -"
            })
    void asMuchIsShownAsMayBe(Identity kind, String written, String shown) {
        assertThat(Pseudonym.masked(kind, written)).isEqualTo(shown);
    }

    /** Computed apart from us: hmac.new(key, b"id_number\x1f350199198502020018", sha256), in Python, in base 32. */
    @Test
    void itIsTheKeyedHashThatItSays() {
        Pseudonym pseudonym = Pseudonym.from(name -> KEY).orElseThrow();

        assertThat(pseudonym.of(Identity.id_number, "350199198502020018")).isEqualTo("qm2u.sykz7tm4wew5lpaeutcdo5ut5w");
        assertThat(pseudonym.of(Identity.person_name, "350199198502020018"))
                .doesNotContain("sykz7tm4wew5lpaeutcdo5ut5w");
        assertThat(pseudonym.of(Identity.id_number, " ")).isNull();
    }

    @Test
    void anotherKeyGivesOthersAndNoKeyNone() {
        Pseudonym other = Pseudonym.from(name -> KEY.replace("00", "ff")).orElseThrow();

        assertThat(other.of(Identity.id_number, "350199198502020018"))
                .doesNotContain("qm2u", "sykz7tm4wew5lpaeutcdo5ut5w");
        assertThat(Pseudonym.from(name -> null)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"secret", "0011", "00010203040506070809xx0b0c0d0e0f101112131415161718191a1b1c1d1e1f"})
    void aKeyThatIsNoneIsRefusedAndNotRepeated(String key) {
        assertThatThrownBy(() -> Pseudonym.from(name -> key))
                .isInstanceOf(Refusal.class)
                .hasMessageContaining("64 hex digits")
                .hasMessageNotContaining(key);
    }
}
