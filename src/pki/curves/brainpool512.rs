//! brainpoolP512r1, which no crate has: the constants of RFC 5639 3.7 put into generic curve arithmetic.
//!
//! The field and its scalars are crypto-bigint's Montgomery arithmetic (constant time), the curve is primeorder's with a
//! generic coefficient A. It knows no keys and no encodings.

use elliptic_curve::bigint::{Odd, U512};
use elliptic_curve::consts::U64;
use elliptic_curve::{CurveArithmetic, PrimeCurveArithmetic, hazmat::FieldArithmetic};
use primeorder::{PrimeCurveParams, mul_backend, point_arithmetic};

/// p of RFC 5639 3.7.
const MODULUS_HEX: &str = "aadd9db8dbe9c48b3fd4e6ae33c9fc07cb308db3b3c9d20ed6639cca703308717d4d9b009bc66842aecda12ae6a380e62881ff2f2d82c68528aa6056583a48f3";
/// q of RFC 5639 3.7: the order of the group.
const ORDER_HEX: &str = "aadd9db8dbe9c48b3fd4e6ae33c9fc07cb308db3b3c9d20ed6639cca70330870553e5c414ca92619418661197fac10471db1d381085ddaddb58796829ca90069";

/// The curve.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct BrainpoolP512r1;

impl elliptic_curve::Curve for BrainpoolP512r1 {
    type FieldBytesSize = U64;
    type Uint = U512;
    const ORDER: Odd<U512> = Odd::<U512>::from_be_hex(ORDER_HEX);
}

impl elliptic_curve::PrimeCurve for BrainpoolP512r1 {}

impl elliptic_curve::point::PointCompression for BrainpoolP512r1 {
    const COMPRESS_POINTS: bool = false;
}

impl CurveArithmetic for BrainpoolP512r1 {
    type AffinePoint = primeorder::AffinePoint<Self>;
    type ProjectivePoint = primeorder::ProjectivePoint<Self>;
    type Scalar = scalar::Scalar;
}

impl FieldArithmetic for BrainpoolP512r1 {
    type FieldElement = field::FieldElement;
}

impl PrimeCurveArithmetic for BrainpoolP512r1 {
    type CurveGroup = primeorder::ProjectivePoint<Self>;
}

impl PrimeCurveParams for BrainpoolP512r1 {
    type PointArithmetic = point_arithmetic::EquationAIsGeneric;
    type Backend = mul_backend::VariableOnly;

    const EQUATION_A: field::FieldElement = field::FieldElement::from_hex_vartime(
        "7830a3318b603b89e2327145ac234cc594cbdd8d3df91610a83441caea9863bc2ded5d5aa8253aa10a2ef1c98b9ac8b57f1117a72bf2c7b9e7c1ac4d77fc94ca",
    );
    const EQUATION_B: field::FieldElement = field::FieldElement::from_hex_vartime(
        "3df91610a83441caea9863bc2ded5d5aa8253aa10a2ef1c98b9ac8b57f1117a72bf2c7b9e7c1ac4d77fc94cadc083e67984050b75ebae5dd2809bd638016f723",
    );
    const GENERATOR: (field::FieldElement, field::FieldElement) = (
        field::FieldElement::from_hex_vartime(
            "81aee4bdd82ed9645a21322e9c4c6a9385ed9f70b5d916c1b43b62eef4d0098eff3b1f78e2d0d48d50d1687b93b97d5f7c6d5047406a5e688b352209bcb9f822",
        ),
        field::FieldElement::from_hex_vartime(
            "7dde385d566332ecc0eabfa9cf7822fdf209f70024a57b1aa000c55b881f8111b2dcde494a5f485e5bca4bd88a2763aed1ca2b2fa8f0540678cd1e0f3ad80892",
        ),
    );
}

impl ecdsa::EcdsaCurve for BrainpoolP512r1 {
    const NORMALIZE_S: bool = false;
}

/// Integers modulo p.
#[expect(deprecated, reason = "primefield's macro counts bits by the old name")]
mod field {
    use super::{MODULUS_HEX, U512};
    use elliptic_curve::ff::PrimeField;
    use elliptic_curve::ops::BatchInvert;
    use elliptic_curve::subtle::{Choice, ConstantTimeEq, CtOption};

    primefield::monty_field_params! {
        name: FieldParams,
        modulus: MODULUS_HEX,
        uint: U512,
        byte_order: primefield::ByteOrder::BigEndian,
        multiplicative_generator: 2,
        doc: "Montgomery parameters of brainpoolP512r1's field"
    }
    primefield::monty_field_element! {
        name: FieldElement,
        params: FieldParams,
        uint: U512,
        doc: "An integer modulo brainpoolP512r1's p"
    }
    primefield::monty_field_arithmetic! { name: FieldElement, params: FieldParams, uint: U512 }

    impl BatchInvert for FieldElement {}
}

/// Integers modulo q.
#[expect(deprecated, reason = "primefield's macro counts bits by the old name")]
mod scalar {
    use super::{BrainpoolP512r1, ORDER_HEX, U512};
    use elliptic_curve::Curve;
    use elliptic_curve::ff::PrimeField;
    use elliptic_curve::scalar::{FromUintUnchecked, IsHigh};
    use elliptic_curve::subtle::{Choice, ConstantTimeEq, ConstantTimeGreater, CtOption};

    primefield::monty_field_params! {
        name: ScalarParams,
        modulus: ORDER_HEX,
        uint: U512,
        byte_order: primefield::ByteOrder::BigEndian,
        multiplicative_generator: 7,
        doc: "Montgomery parameters of brainpoolP512r1's order"
    }
    primefield::monty_field_element! {
        name: Scalar,
        params: ScalarParams,
        uint: U512,
        doc: "An integer modulo brainpoolP512r1's q"
    }
    primefield::monty_field_arithmetic! { name: Scalar, params: ScalarParams, uint: U512 }
    primefield::monty_field_reduce! { name: Scalar, params: ScalarParams, uint: U512, }
    elliptic_curve::scalar_impls!(BrainpoolP512r1, Scalar);
    primeorder::wnaf::impl_wnaf_size_for_scalar!(Scalar);

    impl AsRef<Scalar> for Scalar {
        fn as_ref(&self) -> &Scalar {
            self
        }
    }

    impl FromUintUnchecked for Scalar {
        type Uint = U512;

        fn from_uint_unchecked(uint: Self::Uint) -> Self {
            Self::from_uint_unchecked(uint)
        }
    }

    impl IsHigh for Scalar {
        fn is_high(&self) -> Choice {
            const HALF: U512 = BrainpoolP512r1::ORDER.as_ref().shr_vartime(1);
            self.to_canonical().ct_gt(&HALF)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::BRAINPOOL_P512 as CURVE;
    use elliptic_curve::ff::{Field, PrimeField};

    fn unhex(hex: &str) -> Vec<u8> {
        let digits = hex.as_bytes().chunks(2).map(|pair| std::str::from_utf8(pair).expect("ASCII"));
        digits.map(|pair| u8::from_str_radix(pair, 16).expect("hex")).collect()
    }

    /// RFC 7027 appendix A.3.
    #[test]
    fn computes_the_public_keys_of_rfc_7027() {
        let private = "16302FF0DBBB5A8D733DAB7141C1B45ACBC8715939677F6A56850A38BD87BD59B09E80279609FF333EB9D4C061231FB26F92EEB04982A5F1D1764CAD57665422";
        let public = "040A420517E406AAC0ACDCE90FCD71487718D3B953EFD7FBEC5F7F27E28C6149999397E91E029E06457DB2D3E640668B392C2A7E737A7F0BF04436D11640FD09FD72E6882E8DB28AAD36237CD25D580DB23783961C8DC52DFA2EC138AD472A0FCEF3887CF62B623B2A87DE5C588301EA3E5FC269B373B60724F5E82A6AD147FDE7";
        assert_eq!(CURVE.point_of(&unhex(private)), Some(unhex(public)));
    }

    #[test]
    fn the_generator_is_on_the_curve_and_has_the_order() {
        let mut one = vec![0; 64];
        one[63] = 1;
        let generator = CURVE.point_of(&one).expect("a point");
        assert_eq!(CURVE.point(&generator), Some(generator.clone()));
        // (q - 1) G = -G: the same x, and y to p - y.
        let mut last = unhex(ORDER_HEX);
        assert_eq!(CURVE.scalar(&last).map(|_| ()), None, "the order is no scalar");
        *last.last_mut().expect("64 bytes") -= 1;
        let negative = CURVE.point_of(&last).expect("a point");
        assert_eq!(negative[..65], generator[..65]);
        let y = |point: &[u8]| field::FieldElement::from_slice(&point[65..]).expect("below p");
        assert_eq!(y(&negative) + y(&generator), field::FieldElement::ZERO);
        assert_eq!(CURVE.scalar(&[0; 64]).map(|_| ()), None, "nor is zero");
    }

    /// A generator that were a square would break square roots, and with them compressed points.
    #[test]
    fn generators_of_both_fields_are_no_squares() {
        assert!(bool::from(field::FieldElement::MULTIPLICATIVE_GENERATOR.sqrt().is_none()));
        assert!(bool::from(scalar::Scalar::MULTIPLICATIVE_GENERATOR.sqrt().is_none()));
        let nine = field::FieldElement::from(9_u64);
        let root = field::FieldElement::from(3_u64);
        let found = nine.sqrt().expect("a square");
        assert!(found == root || found == -root);
    }

    #[test]
    fn reads_compressed_points() {
        for _ in 0..8 {
            let scalar = CURVE.make().expect("a scalar");
            let point = CURVE.point_of(&scalar).expect("a point");
            let mut compressed = vec![2 + (point[128] & 1)];
            compressed.extend(&point[1..65]);
            assert_eq!(CURVE.point(&compressed), Some(point));
        }
    }
}
