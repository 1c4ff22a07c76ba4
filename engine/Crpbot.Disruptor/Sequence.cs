using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Crpbot.Disruptor;

/// <summary>How far one participant has come: the highest sequence it has published or finished with.</summary>
/// <remarks>
/// One thread writes it, any thread reads it. The value stands 128 bytes from any neighbour on both sides, because x86 fetches lines in
/// pairs and a neighbour's write would take the line away.
/// <code>
///  0              128      136             264
///  |   padding    |  value  |   padding    |
/// </code>
/// </remarks>
[StructLayout(LayoutKind.Explicit, Size = 2 * Padding + sizeof(long))]
public sealed class Sequence
{
    /// <summary>The value before anything was published.</summary>
    public const long Initial = -1;

    internal const int Padding = 128;

    [FieldOffset(Padding)] private long _value;

    public Sequence(long value = Initial) => _value = value;

    /// <summary>The value. Reading acquires: what its writer wrote to the ring before is visible afterwards.</summary>
    public long Value
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Volatile.Read(ref _value);
    }

    /// <summary>Advances the value; releases everything written before to whoever reads it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Set(long value) => Volatile.Write(ref _value, value);

    /// <summary>Adds atomically and returns the sum; a full fence.</summary>
    internal long Add(long count) => Interlocked.Add(ref _value, count);

    internal bool TryAdvance(long from, long to) => Interlocked.CompareExchange(ref _value, to, from) == from;

    public override string ToString() => $"{Value}";
}
