using System.Runtime.CompilerServices;
using Crpbot.Messages;

namespace Crpbot.Codecs.Venues;

/// <summary>What all events of one message share.</summary>
internal readonly struct EventStamp(InstrumentId instrument, UnixNanos receiveTime, UnixNanos exchangeTime, MarketEventFlags flags)
{
    public readonly UnixNanos ReceiveTime = receiveTime;
    public readonly UnixNanos ExchangeTime = exchangeTime;
    public readonly InstrumentId Instrument = instrument;
    public readonly MarketEventFlags Flags = flags;

    /// <summary>A stamp whose exchange time is taken from <paramref name="nanos"/>, or from the receive time when the venue sent “no time”.</summary>
    public static EventStamp FromNanos(InstrumentId instrument, UnixNanos receiveTime, long nanos, MarketEventFlags flags) =>
        nanos < 0
            ? new EventStamp(instrument, receiveTime, receiveTime, flags | MarketEventFlags.NoExchangeTime)
            : new EventStamp(instrument, receiveTime, new UnixNanos(nanos), flags);

    public EventStamp With(MarketEventFlags more) => new(Instrument, ReceiveTime, ExchangeTime, Flags | more);

    /// <summary>Appends an event of a kind, stamped.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ref MarketEvent Add(MarketEventBuffer output, MarketEventKind kind, Channel channel)
    {
        ref MarketEvent added = ref output.Add();
        added.ReceiveTime = ReceiveTime;
        added.ExchangeTime = ExchangeTime;
        added.Instrument = Instrument;
        added.Flags = Flags;
        added.Kind = kind;
        added.Channel = channel;
        return ref added;
    }

    /// <summary>Appends one level.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ref MarketEvent AddLevel(MarketEventBuffer output, Side side, Price price, Quantity quantity)
    {
        ref MarketEvent added = ref Add(output, MarketEventKind.BookDelta, Channel.Book);
        added.Side = side;
        added.Price = price;
        added.Quantity = quantity;
        return ref added;
    }

    /// <summary>Appends one side of the best prices.</summary>
    public ref MarketEvent AddQuote(MarketEventBuffer output, Side side, Price price, Quantity quantity)
    {
        ref MarketEvent added = ref Add(output, MarketEventKind.Quote, Channel.Quotes);
        added.Side = side;
        added.Price = price;
        added.Quantity = quantity;
        return ref added;
    }

    /// <summary>Appends a Gap: one id was expected, a later one arrived.</summary>
    public void AddGap(MarketEventBuffer output, Channel channel, long expected, long arrived)
    {
        ref MarketEvent gap = ref Add(output, MarketEventKind.Gap, channel);
        gap.Sequence = expected;
        gap.Aux = arrived;
        gap.Flags = (Flags & MarketEventFlags.NoExchangeTime) | MarketEventFlags.LastInMessage;
    }
}
