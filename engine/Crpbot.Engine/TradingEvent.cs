using System.Runtime.InteropServices;
using Crpbot.Messages;

namespace Crpbot.Engine;

/// <summary>The ring's slot: one market event and, in the second cache line, what the stages did with it.</summary>
/// <remarks>
/// 128 bytes. The receiver writes the first line and the wire stamps; afterwards each stage writes its own fields only, and later stages
/// read them through the sequence barrier. Counts say how many items of each <see cref="Lane{T}"/> belong to this slot. Stamps are
/// <see cref="System.Diagnostics.Stopwatch"/> ticks, 0 where not sampled; they are never recorded and never hashed.
/// </remarks>
[StructLayout(LayoutKind.Explicit, Size = 128)]
public struct TradingEvent
{
    [FieldOffset(0)] public MarketEvent Market;

    /// <summary>When the message's last byte was in our hands.</summary>
    [FieldOffset(64)] public long WireStamp;

    [FieldOffset(72)] public long ParsedStamp;
    [FieldOffset(80)] public long FeaturesStamp;
    [FieldOffset(88)] public long PredictionStamp;
    [FieldOffset(96)] public long VerdictStamp;
    [FieldOffset(104)] public ushort Rows;
    [FieldOffset(106)] public ushort Predictions;
    [FieldOffset(108)] public ushort Signals;
    [FieldOffset(110)] public ushort Executions;

    public readonly bool IsSampled => WireStamp != 0;

    public readonly bool IsHistory => (Market.Flags & MarketEventFlags.History) != 0;
}
