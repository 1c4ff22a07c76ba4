using System.Runtime.InteropServices;

namespace Crpbot.Messages;

/// <summary>One value of one venue message, or one fact about the stream; what the ring carries and what a capture stores.</summary>
/// <remarks>
/// 64 bytes, blittable, one cache line. A venue message with n level changes is n events, the last one flagged
/// <see cref="MarketEventFlags.LastInMessage"/>. The layout is drawn in <c>codecs/docs/messages.md</c>, which changes with this file.
/// <code>
///  0        8         16      24         32         40      48          52    53    54     56       57     58        60
///  Receive  Exchange  Price   Quantity   Sequence   Aux     Instrument  Kind  Side  Flags  Channel  Scale  (zero)    Detail
/// </code>
/// </remarks>
[StructLayout(LayoutKind.Explicit, Size = SizeInBytes)]
public struct MarketEvent
{
    public const int SizeInBytes = 64;

    /// <summary>Our market clock when the message's last byte was read. Decides everything; recorded.</summary>
    [FieldOffset(0)] public UnixNanos ReceiveTime;

    /// <summary>The venue's stamp; may lead or trail ReceiveTime by seconds.</summary>
    [FieldOffset(8)] public UnixNanos ExchangeTime;

    [FieldOffset(16)] public Price Price;

    [FieldOffset(24)] public Quantity Quantity;

    /// <summary>Trade id or venue sequence; see <see cref="MarketEventKind"/>.</summary>
    [FieldOffset(32)] public long Sequence;

    /// <summary>The second number a kind needs: the first update id of a Binance depth message, the id that arrived at a Gap.</summary>
    [FieldOffset(40)] public long Aux;

    [FieldOffset(48)] public InstrumentId Instrument;

    [FieldOffset(52)] public MarketEventKind Kind;

    [FieldOffset(53)] public Side Side;

    [FieldOffset(54)] public MarketEventFlags Flags;

    [FieldOffset(56)] public Channel Channel;

    /// <summary>Decimal digits after the point of a DerivativeTicker's value.</summary>
    [FieldOffset(57)] public byte Scale;

    [FieldOffset(58)] private readonly ushort _reserved;

    /// <summary>A small number the kind defines: a <see cref="DerivativeField"/>, an <see cref="OperatorCommand"/>.</summary>
    [FieldOffset(60)] public int Detail;

    public readonly bool IsLastInMessage => (Flags & MarketEventFlags.LastInMessage) != 0;

    public readonly bool IsSnapshot => (Flags & MarketEventFlags.Snapshot) != 0;
}
