using System.Numerics;
using System.Runtime.CompilerServices;

namespace Crpbot.Simulation.Numerics;

/// <summary>xoshiro256**: 256 bits of state, integer operations only, so every machine draws the same numbers.</summary>
/// <remarks>A mutable struct: keep it in a field, pass it by reference. Source: Blackman, Vigna, “Scrambled Linear Pseudorandom
/// Number Generators”, ACM TOMS 47 (2021); seeded through SplitMix64 as its authors advise.</remarks>
internal struct Xoshiro256
{
    private ulong _s0;
    private ulong _s1;
    private ulong _s2;
    private ulong _s3;

    /// <param name="seed">The run's seed.</param>
    /// <param name="stream">What the numbers are for; streams of one seed are independent.</param>
    public Xoshiro256(ulong seed, ulong stream)
    {
        ulong state = seed;
        state = Mix(ref state) ^ stream;
        _s0 = Mix(ref state);
        _s1 = Mix(ref state);
        _s2 = Mix(ref state);
        _s3 = Mix(ref state);
    }

    /// <summary>The generator in a given state, not all zero.</summary>
    public static Xoshiro256 FromState(ulong s0, ulong s1, ulong s2, ulong s3) => new() { _s0 = s0, _s1 = s1, _s2 = s2, _s3 = s3 };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong Next()
    {
        ulong result = BitOperations.RotateLeft(_s1 * 5, 7) * 9;
        ulong shifted = _s1 << 17;
        _s2 ^= _s0;
        _s3 ^= _s1;
        _s1 ^= _s2;
        _s0 ^= _s3;
        _s2 ^= shifted;
        _s3 = BitOperations.RotateLeft(_s3, 45);
        return result;
    }

    /// <summary>Uniform in (0, 1): the middles of 2^52 equal cells, so neither end is drawn.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public double NextDouble() => ((Next() >> 12) + 0.5) * (1.0 / (1UL << 52));

    /// <summary>Uniform in 0 … <paramref name="bound"/> − 1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int NextBelow(int bound) => (int)(((Next() >> 32) * (ulong)bound) >> 32);

    /// <summary>Standard normal, by inversion.</summary>
    public double NextNormal() => PortableMath.NormalQuantile(NextDouble());

    /// <summary>Exponential with mean 1, by inversion.</summary>
    public double NextExponential() => -PortableMath.Ln(NextDouble());

    /// <summary>A uniform draw that belongs to a key and to no sequence.</summary>
    public static double Hash(ulong seed, ulong stream, ulong key) => new Xoshiro256(seed ^ (key * 0x9E3779B97F4A7C15), stream).NextDouble();

    private static ulong Mix(ref ulong state)
    {
        ulong z = state += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
