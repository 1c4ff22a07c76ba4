using System.Text.Json;
using System.Text.Unicode;
using Crpbot.Codecs.Instruments;
using Crpbot.Messages;

namespace Crpbot.Codecs.Tests.Venues.Reference;

/// <summary>The judge of a venue's parser: System.Text.Json, dictionaries, exceptions; slow and obvious.</summary>
public abstract class ReferenceParser(InstrumentTable instruments)
{
    protected InstrumentTable Instruments { get; } = instruments;

    /// <summary>Set by a reader that has events to give (a Gap) for a message whose type nobody reads.</summary>
    protected bool IsUnknown { get; set; }

    public long Dropped { get; protected set; }

    public long DroppedLevels { get; protected set; }

    public long Gaps { get; protected set; }

    public long RepeatedTrades { get; protected set; }

    public long SkippedTrades { get; protected set; }

    public (ParseStatus Status, List<MarketEvent> Events) Parse(byte[] message, UnixNanos receiveTime)
    {
        try
        {
            if (!Utf8.IsValid(message))
                throw new RefusalException("no UTF-8");
            using var document = JsonDocument.Parse(message);
            IsUnknown = false;
            List<MarketEvent>? events = Read(document.RootElement, receiveTime);
            return (events is null || IsUnknown ? ParseStatus.Unknown : ParseStatus.Done, events ?? []);
        }
        catch (Exception exception) when (exception is RefusalException or JsonException or InvalidOperationException)
        {
            return (ParseStatus.Invalid, []);
        }
    }

    public abstract List<MarketEvent> Disconnected(UnixNanos receiveTime);

    /// <returns>Null for a type nobody reads.</returns>
    protected abstract List<MarketEvent>? Read(JsonElement root, UnixNanos receiveTime);

    protected static List<MarketEvent> Close(List<MarketEvent> group)
    {
        if (group.Count > 0)
            group[^1] = group[^1] with { Flags = group[^1].Flags | MarketEventFlags.LastInMessage };
        return group;
    }

    protected static MarketEvent Stamped(Instrument instrument, UnixNanos receiveTime, long nanos, MarketEventKind kind, Channel channel, MarketEventFlags flags = 0) => new()
    {
        Instrument = instrument.Id,
        ReceiveTime = receiveTime,
        ExchangeTime = nanos < 0 ? receiveTime : new UnixNanos(nanos),
        Flags = flags | (nanos < 0 ? MarketEventFlags.NoExchangeTime : 0),
        Kind = kind,
        Channel = channel,
    };

    /// <summary>Trade ids of one symbol: the last one, and whether it was only heard of.</summary>
    protected sealed class Tape
    {
        public long? Last { get; set; }

        public bool OnlyTold { get; set; }
    }

    /// <summary>The Gap, if any, and the trade, if it is new.</summary>
    protected List<MarketEvent> Publish(Tape tape, MarketEvent trade)
    {
        List<MarketEvent> events = [];
        long id = trade.Sequence;
        if (tape.Last is { } last)
        {
            if (id <= last && !tape.OnlyTold)
            {
                RepeatedTrades++;
                return events;
            }

            if (id > last + 1)
            {
                Gaps++;
                events.Add(new MarketEvent
                {
                    Instrument = trade.Instrument,
                    ReceiveTime = trade.ReceiveTime,
                    ExchangeTime = trade.ExchangeTime,
                    Kind = MarketEventKind.Gap,
                    Channel = Channel.Trades,
                    Sequence = last + 1,
                    Aux = id,
                    Flags = (trade.Flags & MarketEventFlags.NoExchangeTime) | MarketEventFlags.LastInMessage,
                });
            }
        }

        (tape.Last, tape.OnlyTold) = (id, false);
        events.Add(trade with { Flags = trade.Flags | MarketEventFlags.LastInMessage });
        return events;
    }
}
