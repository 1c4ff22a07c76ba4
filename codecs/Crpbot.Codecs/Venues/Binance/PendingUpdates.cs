using Crpbot.Messages;

namespace Crpbot.Codecs.Venues;

/// <summary>The ids of one depth update.</summary>
/// <param name="First">U: the first update id inside.</param>
/// <param name="Last">u: the last one.</param>
/// <param name="Previous">pu: the last id of the update before, on futures; −1 on spot, which has none.</param>
internal readonly record struct UpdateIds(long First, long Last, long Previous)
{
    public bool HasPrevious => Previous >= 0;
}

/// <summary>Depth updates that wait for the snapshot they belong to, oldest first, bounded in number and levels.</summary>
/// <remarks>When full the older half goes. Grows to its bound once; one thread.</remarks>
internal sealed class PendingUpdates
{
    public const int UpdatesMax = 2_048;
    public const int LevelsMax = 1 << 17;

    private Update[] _updates = new Update[64];
    private Level[] _levels = new Level[1_024];

    public int Count { get; private set; }

    public int LevelCount { get; private set; }

    public UpdateIds this[int index] => _updates[index].Ids;

    /// <summary>Appends an update.</summary>
    /// <returns>How many levels, of older updates or its own, had to be thrown away for it.</returns>
    public int Add(in UpdateIds ids, UnixNanos exchangeTime, ReadOnlySpan<MarketEvent> levels)
    {
        int evicted = 0;
        while (Count > 0 && (Count == UpdatesMax || LevelCount + levels.Length > LevelsMax))
            evicted += EvictOlderHalf();
        if (levels.Length > LevelsMax)
            return evicted + levels.Length;
        if (Count == _updates.Length)
            Array.Resize(ref _updates, Count * 2);
        while (LevelCount + levels.Length > _levels.Length)
            Array.Resize(ref _levels, _levels.Length * 2);
        _updates[Count++] = new Update(ids, exchangeTime, LevelCount, levels.Length);
        foreach (ref readonly MarketEvent e in levels)
            _levels[LevelCount++] = new Level(e.Price, e.Quantity, e.Side);
        return evicted;
    }

    /// <summary>Appends the levels of an update, stamped.</summary>
    public void CopyTo(int index, InstrumentId instrument, UnixNanos receiveTime, MarketEventBuffer output)
    {
        Update update = _updates[index];
        var stamp = new EventStamp(instrument, receiveTime, update.ExchangeTime, 0);
        foreach (ref readonly Level level in _levels.AsSpan(update.Start, update.Length))
        {
            ref MarketEvent added = ref stamp.AddLevel(output, level.Side, level.Price, level.Quantity);
            added.Sequence = update.Ids.Last;
            added.Aux = update.Ids.First;
        }
    }

    public UnixNanos ExchangeTimeOf(int index) => _updates[index].ExchangeTime;

    public void Clear() => (Count, LevelCount) = (0, 0);

    private int EvictOlderHalf()
    {
        int going = (Count + 1) / 2;
        int levels = going == Count ? LevelCount : _updates[going].Start;
        Array.Copy(_updates, going, _updates, 0, Count - going);
        Array.Copy(_levels, levels, _levels, 0, LevelCount - levels);
        Count -= going;
        LevelCount -= levels;
        for (int i = 0; i < Count; i++)
            _updates[i] = _updates[i] with { Start = _updates[i].Start - levels };
        return levels;
    }

    private readonly record struct Update(UpdateIds Ids, UnixNanos ExchangeTime, int Start, int Length);

    private readonly record struct Level(Price Price, Quantity Quantity, Side Side);
}
