using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Crpbot.Messages;

namespace Crpbot.Codecs.Captures;

/// <summary>The last 16 bytes of a MarketEvent: what it is about and of which kind; the same for every event of a run.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct BlockPattern(
    InstrumentId Instrument,
    MarketEventKind Kind,
    Side Side,
    MarketEventFlags Flags,
    Channel Channel,
    byte Scale,
    ushort Reserved,
    int Detail)
{
    public const int Offset = 48;

    /// <summary>The pattern of an event as it stands, LastInMessage included.</summary>
    public static BlockPattern Of(in MarketEvent e) =>
        new(e.Instrument, e.Kind, e.Side, e.Flags, e.Channel, e.Scale, 0, e.Detail);

    public bool IsText => (Flags & MarketEventFlags.TextId) != 0;

    /// <summary>−1 where the next level of a message has usually the lower price.</summary>
    public int PriceSign => Side == Side.Buy && Kind == MarketEventKind.BookDelta ? -1 : 1;
}

/// <summary>What a stream, all events of one kind of one Instrument, predicts its next message from. Values are stored.</summary>
[Flags]
internal enum StreamModes : byte
{
    None = 0,

    /// <summary>ExchangeTime is told relative to ReceiveTime, otherwise relative to the stream's previous one.</summary>
    ExchangeFromReceive = 1,

    /// <summary>Aux is told relative to the stream's previous Sequence, otherwise relative to its previous Aux.</summary>
    AuxFromSequence = 2,
}
