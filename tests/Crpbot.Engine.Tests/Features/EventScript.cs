using Crpbot.Codecs.Instruments;
using Crpbot.Features;
using Crpbot.Messages;

namespace Crpbot.Engine.Tests.Features;

/// <summary>A hand-written stream of events of one Instrument, in the order they are received, with Timers where they belong.</summary>
/// <param name="tick">Price increment, e.g. 0.01.</param>
/// <param name="lot">Quantity increment.</param>
internal sealed class EventScript(string tick = "0.01", string lot = "0.001")
{
    /// <summary>2025-01-03T10:00:00Z, the open time of minute 0.</summary>
    public static readonly UnixNanos Start = UnixNanos.FromDateTime(new DateTime(2025, 1, 3, 10, 0, 0, DateTimeKind.Utc));

    public Instrument Instrument { get; } = new(new InstrumentId(1), "coinbase", "BTC-USD", DecimalStep.Parse(tick), DecimalStep.Parse(lot), false);

    public List<MarketEvent> Events { get; } = [];

    /// <summary>How long every event that follows is under way.</summary>
    public double Latency { get; set; } = 0.02;

    public static UnixNanos At(double seconds) => Start + (long)Math.Round(seconds * 1e9);

    public EventScript Trade(double at, Side side, double price, double quantity) => Add(at, MarketEventKind.Trade, side, price, quantity, true, 0);

    public EventScript Heartbeat(double at) => Add(at, MarketEventKind.Heartbeat, Side.Unknown, 0, 0, true, 0);

    public EventScript Snapshot(double at, (double Price, double Quantity)[] bids, (double Price, double Quantity)[] asks)
    {
        Add(at, MarketEventKind.BookClear, Side.Unknown, 0, 0, bids.Length + asks.Length == 0, MarketEventFlags.Snapshot);
        int left = bids.Length + asks.Length;
        foreach ((double price, double quantity) in bids)
            Add(at, MarketEventKind.BookDelta, Side.Buy, price, quantity, --left == 0, MarketEventFlags.Snapshot);
        foreach ((double price, double quantity) in asks)
            Add(at, MarketEventKind.BookDelta, Side.Sell, price, quantity, --left == 0, MarketEventFlags.Snapshot);
        return this;
    }

    public EventScript Book(double at, params (Side Side, double Price, double Quantity)[] levels)
    {
        for (int i = 0; i < levels.Length; i++)
            Add(at, MarketEventKind.BookDelta, levels[i].Side, levels[i].Price, levels[i].Quantity, i == levels.Length - 1, 0);
        return this;
    }

    public EventScript Gap(double at, Channel channel)
    {
        Add(at, MarketEventKind.Gap, Side.Unknown, 0, 0, true, 0);
        System.Runtime.InteropServices.CollectionsMarshal.AsSpan(Events)[^1].Channel = channel;
        return this;
    }

    public EventScript Disconnect(double at) => Add(at, MarketEventKind.Disconnect, Side.Unknown, 0, 0, true, MarketEventFlags.NoExchangeTime);

    /// <summary>Heartbeats at every whole second from one to the other, both included.</summary>
    public EventScript Heartbeats(int from, int to)
    {
        for (int second = from; second <= to; second++)
            Heartbeat(second);
        return this;
    }

    /// <summary>All events in the order of ReceiveTime with a Timer at each boundary up to the end of a minute.</summary>
    public List<MarketEvent> WithTimers(int minutes, double guard = 0.25)
    {
        List<MarketEvent> events = [.. Events.OrderBy(e => e.ReceiveTime.Value)];
        for (int minute = 0; minute < minutes; minute++)
        {
            UnixNanos boundary = At(60 * (minute + 1) + guard);
            int at = events.FindIndex(e => e.Kind != MarketEventKind.Timer && e.ReceiveTime >= boundary);
            events.Insert(at < 0 ? events.Count : at, Timer(At(60 * (minute + 1)), boundary));
        }

        return events;
    }

    public static MarketEvent Timer(UnixNanos end, UnixNanos boundary) => new()
    {
        Kind = MarketEventKind.Timer,
        ExchangeTime = end,
        ReceiveTime = boundary,
        Flags = MarketEventFlags.LastInMessage,
    };

    /// <summary>Runs an engine over events; null where a minute has no Bar.</summary>
    public static List<FeatureRow?> Run(FeatureEngine engine, IEnumerable<MarketEvent> events)
    {
        List<FeatureRow?> rows = [];
        foreach (MarketEvent e in events)
        {
            engine.Apply(e);
            if (e.Kind != MarketEventKind.Timer)
                continue;
            var row = new FeatureRow();
            rows.Add(engine.CloseBar(e, row) ? row : null);
        }

        return rows;
    }

    private EventScript Add(double at, MarketEventKind kind, Side side, double price, double quantity, bool isLast, MarketEventFlags flags)
    {
        Events.Add(new MarketEvent
        {
            Kind = kind,
            ExchangeTime = At(at),
            ReceiveTime = At(at + Latency),
            Instrument = kind == MarketEventKind.Heartbeat ? InstrumentId.All : Instrument.Id,
            Side = side,
            Price = new(Steps(price, Instrument.Tick)),
            Quantity = new(Steps(quantity, Instrument.Lot)),
            Flags = flags | (isLast ? MarketEventFlags.LastInMessage : 0),
            Channel = kind == MarketEventKind.Trade ? Channel.Trades : Channel.Book,
        });
        return this;
    }

    private static long Steps(double value, DecimalStep step) => (long)Math.Round(value / step.ToDouble(1));
}
