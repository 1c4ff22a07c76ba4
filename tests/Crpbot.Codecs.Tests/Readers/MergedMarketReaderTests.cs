using Crpbot.Codecs.Instruments;
using Crpbot.Codecs.Readers;
using Crpbot.Messages;
using Xunit;

namespace Crpbot.Codecs.Tests.Readers;

public class MergedMarketReaderTests
{
    private readonly InstrumentTable _table = new();
    private readonly Instrument _instrument;

    public MergedMarketReaderTests() => _instrument = _table.GetOrAdd("coinbase", "BTC-USD");

    [Fact]
    public void ATieGoesToTheInputThatStandsFirst()
    {
        MarketReader merged = Merge([[Trade(10, 1), Trade(20, 2)], [Trade(10, 3), Trade(15, 4)], [Trade(10, 5), Trade(20, 6)]], ReadRange.All);
        Assert.Equal([(10, 1), (10, 3), (10, 5), (15, 4), (20, 2), (20, 6)], ListReader.ReadAll(merged));
    }

    [Fact]
    public void AMessageIsNeverTornApart()
    {
        MarketReader merged = Merge([[ListReader.Trades(10, _instrument, 1, 3)], [ListReader.Trades(10, _instrument, 7, 2)]], ReadRange.All);
        Assert.True(merged.Read());
        Assert.Equal(3, merged.Message.Count);
        Assert.True(merged.Read());
        Assert.Equal(2, merged.Message.Count);
        Assert.False(merged.Read());
        Assert.False(merged.Read());
    }

    [Fact]
    public void AnInputWhoseTimeGoesBackKeepsItsOwnOrder()
    {
        MarketReader merged = Merge([[Trade(10, 1), Trade(30, 2), Trade(5, 3), Trade(40, 4)], [Trade(20, 5), Trade(35, 6)]], ReadRange.All);
        Assert.Equal([(10, 1), (20, 5), (30, 2), (5, 3), (35, 6), (40, 4)], ListReader.ReadAll(merged));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void TheStreamIsThatOfAStableSort(int seed)
    {
        var random = new Random(seed);
        var inputs = new List<List<MarketEvent[]>>();
        var expected = new List<(long Time, int Input, int Place, long Id)>();
        for (int input = 0; input < 7; input++)
        {
            var messages = new List<MarketEvent[]>();
            long time = 0;
            int count = random.Next(0, 200);
            for (int i = 0; i < count; i++)
            {
                time += random.Next(0, 3);
                long id = input * 1000 + i;
                messages.Add(Trade(time, id));
                expected.Add((time, input, i, id));
            }

            inputs.Add(messages);
        }

        long from = random.Next(0, 50), to = from + 100;
        MarketReader merged = Merge(inputs, new ReadRange(new(from), new(to)));
        List<(long, long)> wanted = [.. expected.Where(e => e.Time >= from && e.Time < to).OrderBy(e => (e.Time, e.Input, e.Place)).Select(e => (e.Time, e.Id))];
        Assert.Equal(wanted, ListReader.ReadAll(merged));
        merged.Rewind();
        Assert.Equal(wanted, ListReader.ReadAll(merged));
        merged.SeekTo(new(from + 40));
        Assert.Equal(wanted.Where(e => e.Item1 >= from + 40), ListReader.ReadAll(merged));
        merged.SeekTo(new(from - 1000));
        Assert.Equal(wanted, ListReader.ReadAll(merged));
    }

    [Fact]
    public void ArrivalIsToldOnceAMessageAndInTheOrderOfTheStream()
    {
        MarketReader merged = Merge([[Trade(10, 1), Trade(30, 2)], [Trade(20, 3)]], ReadRange.All);
        var told = new List<long>();
        merged.Arrival = time =>
        {
            told.Add(time.Value);
            return 100 + told.Count;
        };
        Assert.True(merged.Read());
        Assert.Equal((101, 1), (merged.ArrivalStamp, told.Count));
        while (merged.Read())
        {
        }

        Assert.Equal([10, 20, 30], told);
    }

    private MergedMarketReader Merge(IEnumerable<IReadOnlyList<MarketEvent[]>> inputs, ReadRange range) =>
        new MergedMarketReader([.. inputs.Select(messages => new ListReader(messages, _table, range))], _table, new TextIdTable(), range, new DamageLog(strict: true));

    private MarketEvent[] Trade(long time, long id) => ListReader.Trades(time, _instrument, id);
}
