using Crpbot.Codecs.Captures;
using Crpbot.Codecs.Instruments;
using Crpbot.MarketData;
using Crpbot.Messages;

namespace Crpbot.Pipeline.Tests.Tardis;

/// <summary>The events of a capture in the forms that tests compare.</summary>
internal sealed class CaptureEvents
{
    private readonly InstrumentTable _instruments = new();

    private CaptureEvents(string path)
    {
        var all = new List<MarketEvent>();
        using CaptureReader reader = CaptureReader.Open(path, _instruments);
        while (reader.ReadBlock(out ReadOnlySpan<MarketEvent> events))
            all.AddRange(events);
        All = [.. all];
    }

    public MarketEvent[] All { get; }

    public static CaptureEvents Read(string path) => new(path);

    public string NameOf(in MarketEvent e) => e.Instrument == InstrumentId.All ? "*" : _instruments[e.Instrument].Name;

    /// <summary>Every field of every event; quotes left out, which the comparisons' other sides do not ask for.</summary>
    public List<string> Whole() =>
        [.. All.Where(e => e.Kind != MarketEventKind.Quote).Select(e => $"{e.ReceiveTime.Value} {e.ExchangeTime.Value} {Untimed(e)} {e.Sequence} {e.Aux} {e.Flags}")];

    /// <summary>What happened, the clock's times aside.</summary>
    public List<string> Untimed() => [.. All.Where(e => e.Kind is not (MarketEventKind.Quote or MarketEventKind.Timer)).Select(e => Untimed(e))];

    /// <summary>Trades, their times cut to microseconds.</summary>
    public List<string> Trades() =>
        [.. All.Where(e => e.Kind == MarketEventKind.Trade).Select(e => $"{Micros(e.ReceiveTime)} {Micros(e.ExchangeTime)} {Untimed(e)} {e.Sequence}")];

    /// <summary>The whole book after each message, as a hash; of messages with one receive time the last.</summary>
    public List<string> Books()
    {
        var builders = new Dictionary<InstrumentId, BookBuilder>();
        var states = new List<(long Time, string Name, string State)>();
        foreach (MarketEvent e in All)
        {
            if (e.Kind is not (MarketEventKind.BookClear or MarketEventKind.BookDelta or MarketEventKind.Disconnect))
                continue;
            if (!builders.TryGetValue(e.Instrument, out BookBuilder? builder))
                builders.Add(e.Instrument, builder = new BookBuilder());
            builder.Apply(e);
            if (!e.IsLastInMessage)
                continue;
            (long, string) key = (Micros(e.ReceiveTime), NameOf(e));
            int last = states.FindLastIndex(state => state.Time < key.Item1 || (state.Time, state.Name) == key);
            if (last >= 0 && (states[last].Time, states[last].Name) == key)
                states.RemoveAt(last);
            states.Add((key.Item1, key.Item2, StateOf(builder)));
        }

        return [.. states.Select(state => $"{state.Time} {state.Name} {state.State}")];
    }

    private static string StateOf(BookBuilder builder)
    {
        if (!builder.HasSnapshot)
            return "void";
        L2Book book = builder.Book;
        var hash = new System.IO.Hashing.XxHash3();
        foreach (ReadOnlySpan<long> column in (ReadOnlySpan<long[]>)[[.. book.BidTicks], [.. book.BidLots], [.. book.AskTicks], [.. book.AskLots]])
            hash.Append(System.Runtime.InteropServices.MemoryMarshal.AsBytes(column));
        return $"{book.BidCount} bids to {book.BestBid.Price.Ticks}, {book.AskCount} asks from {book.BestAsk.Price.Ticks}, {hash.GetCurrentHashAsUInt64():x16}";
    }

    private static long Micros(UnixNanos time) => time.Value / UnixNanos.PerMicrosecond;

    private string Untimed(in MarketEvent e) => $"{NameOf(e)} {e.Kind} {e.Side} {e.Price.Ticks} {e.Quantity.Lots} {e.Channel}{(e.IsLastInMessage ? " ." : "")}";
}
