using System.Text.Json;

namespace Crpbot.Codecs.Normalization;

/// <summary>Merges Binance's REST snapshot with the updates that came before it, then passes updates on.</summary>
/// <remarks>
/// Per symbol and connection: updates before the snapshot wait (the last 2,000 of them), only the first snapshot counts, and updates the
/// snapshot already holds are left out. As in tardis-dev, continuity of the updates is not verified.
/// </remarks>
internal sealed class BinanceDepthNormalizer(NormalizedMessageWriter writer, bool isFutures)
{
    private const int MaxWaiting = 2000;
    private readonly Dictionary<string, Book> _books = [];

    public void Reset() => _books.Clear();

    public void Map(string streamSymbol, JsonElement data, TardisTime local)
    {
        if (!_books.TryGetValue(streamSymbol, out Book? book))
            _books.Add(streamSymbol, book = new Book());
        if (data.Field("lastUpdateId").Exists())
        {
            MapSnapshot(streamSymbol, book, data, local);
            return;
        }

        string symbol = data.RequiredText("s");
        if (!_books.ContainsKey(symbol))
            throw new UnusableMessageException($"'s' is {symbol} on a stream of {streamSymbol}");
        var update = new Update(symbol, data.RequiredInteger("u"), Levels(data.RequiredArray("b")), Levels(data.RequiredArray("a")));
        if (book.HasSnapshot)
        {
            TardisTime time = data.RequiredEpoch("E");
            if (!IsOld(update))
                Write(symbol, isSnapshot: false, update.Bids, update.Asks, time, local);
            return;
        }

        if (book.Waiting.Count == MaxWaiting)
            book.Waiting.Dequeue();
        book.Waiting.Enqueue(update);
    }

    public void MapRestSnapshot(string symbol, JsonElement data, TardisTime local)
    {
        if (!_books.TryGetValue(symbol, out Book? book))
            _books.Add(symbol, book = new Book());
        MapSnapshot(symbol, book, data, local);
    }

    private void MapSnapshot(string symbol, Book book, JsonElement data, TardisTime local)
    {
        if (book.HasSnapshot)
            return;
        long lastUpdateId = data.RequiredInteger("lastUpdateId");
        var bids = new MergedSide(Levels(data.RequiredArray("bids")));
        var asks = new MergedSide(Levels(data.RequiredArray("asks")));
        TardisTime time = data.Field("T").Exists() ? data.RequiredEpoch("T") : local;
        book.LastUpdateId = lastUpdateId;
        book.HasSnapshot = true;
        foreach (Update update in book.Waiting)
        {
            if (IsOld(update))
                continue;
            bids.Apply(update.Bids);
            asks.Apply(update.Asks);
        }

        book.Waiting.Clear();
        Write(symbol, isSnapshot: true, bids.Levels(), asks.Levels(), time, local);
    }

    private bool IsOld(Update update)
    {
        long lastUpdateId = _books[update.Symbol].LastUpdateId;
        return isFutures ? update.LastId < lastUpdateId : update.LastId <= lastUpdateId;
    }

    private void Write(string symbol, bool isSnapshot, IReadOnlyList<NormalizedLevel> bids, IReadOnlyList<NormalizedLevel> asks, TardisTime time, TardisTime local)
    {
        writer.Begin("book_change", symbol);
        writer.Flag("isSnapshot", isSnapshot);
        writer.Levels("bids", bids);
        writer.Levels("asks", asks);
        writer.End(time, local);
    }

    private static List<NormalizedLevel> Levels(JsonElement levels)
    {
        var read = new List<NormalizedLevel>(levels.GetArrayLength());
        foreach (JsonElement level in levels.EnumerateArray())
        {
            JsonElement price = level.Item(0);
            string key = price.ValueKind == JsonValueKind.String ? price.GetString()! : price.Exists() ? price.GetRawText() : "";
            read.Add(new NormalizedLevel(key, DecimalText.Of(price), DecimalText.Of(level.Item(1))));
        }

        return read;
    }

    private sealed class Book
    {
        public Queue<Update> Waiting { get; } = new();

        public bool HasSnapshot { get; set; }

        public long LastUpdateId { get; set; }
    }

    private sealed record Update(string Symbol, long LastId, List<NormalizedLevel> Bids, List<NormalizedLevel> Asks);

    /// <summary>One side of the snapshot in the venue's order: changed in place, new levels behind, emptied levels gone.</summary>
    private sealed class MergedSide
    {
        private readonly List<NormalizedLevel?> _levels = [];
        private readonly Dictionary<string, int> _index = new(StringComparer.Ordinal);

        public MergedSide(List<NormalizedLevel> levels)
        {
            foreach (NormalizedLevel level in levels)
                Set(level);
        }

        public void Apply(List<NormalizedLevel> updates)
        {
            foreach (NormalizedLevel level in updates)
            {
                if (level.Amount.Value != 0)
                    Set(level);
                else if (_index.Remove(level.Key, out int at))
                    _levels[at] = null;
            }
        }

        public IReadOnlyList<NormalizedLevel> Levels() => [.. _levels.Where(level => level.HasValue).Select(level => level!.Value)];

        private void Set(NormalizedLevel level)
        {
            if (_index.TryGetValue(level.Key, out int at))
            {
                _levels[at] = level;
                return;
            }

            _index.Add(level.Key, _levels.Count);
            _levels.Add(level);
        }
    }
}
