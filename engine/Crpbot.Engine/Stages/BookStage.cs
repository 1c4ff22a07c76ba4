using Crpbot.Codecs.Instruments;
using Crpbot.MarketData;
using Crpbot.Messages;

namespace Crpbot.Engine.Stages;

/// <summary>Keeps every Instrument's book and nothing else: the pipeline of <c>--stages book</c>.</summary>
internal sealed class BookStage(InstrumentTable instruments) : IStage, IBookSource
{
    private BookBuilder?[] _books = new BookBuilder?[16];

    public string Name => "book";

    public void OnEvent(ref TradingEvent e)
    {
        ref readonly MarketEvent market = ref e.Market;
        int id = market.Instrument.Value;
        if (id != 0)
        {
            BookBuilder? book = id < _books.Length ? _books[id] : null;
            (book ?? Add(id)).Apply(market);
        }
        else
        {
            foreach (BookBuilder? book in _books)
                book?.Apply(market);
        }

        if (e.IsSampled)
            e.FeaturesStamp = System.Diagnostics.Stopwatch.GetTimestamp();
    }

    public L2Book? ReadableBookOf(InstrumentId id) => id.Value < _books.Length && _books[id.Value] is { IsReadable: true } book ? book.Book : null;

    public long CrossedStatesOf(InstrumentId id) => id.Value < _books.Length ? _books[id.Value]?.CrossedStates ?? 0 : 0;

    public void Reset()
    {
        foreach (BookBuilder? book in _books)
            book?.Reset();
    }

    private BookBuilder Add(int id)
    {
        if (id >= _books.Length)
            Array.Resize(ref _books, Math.Max(id + 1, _books.Length * 2));
        _ = instruments[new InstrumentId(id)];
        return _books[id] = new BookBuilder();
    }
}

/// <summary>Where a report reads the books when the ring is idle.</summary>
internal interface IBookSource
{
    L2Book? ReadableBookOf(InstrumentId id);
}
