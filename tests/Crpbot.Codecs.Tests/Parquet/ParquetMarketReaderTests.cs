using Crpbot.Codecs.Instruments;
using Crpbot.Codecs.Parquet;
using Crpbot.Codecs.Readers;
using Crpbot.Codecs.Tardis;
using Crpbot.Codecs.Tests.Captures;
using Crpbot.Messages;
using ParquetSharp;
using Xunit;

namespace Crpbot.Codecs.Tests.Parquet;

public class ParquetMarketReaderTests
{
    private const int Count = 30_000;
    private static readonly UnixNanos Start = new(1_709_164_800_000_000_000);

    [Fact]
    public void ASeekReadsOnlyTheGroupsThatReachTheTime()
    {
        using var folder = new TemporaryFolder();
        string path = Trades(folder);
        var range = new ReadRange(Start + 12_345 * UnixNanos.PerSecond, Start + 12_400 * UnixNanos.PerSecond);
        using var reader = new ParquetMarketReader(path, new InstrumentTable(), new TextIdTable(), range, new DamageLog(strict: true));
        Assert.Equal(Enumerable.Range(12_345, 55).Select(i => (long)i), ParquetEvents.ReadAll(reader).Select(e => e.Sequence));
        Assert.Equal(1, reader.GroupsRead);
        reader.SeekTo(Start + 12_398 * UnixNanos.PerSecond);
        Assert.Equal([12_398, 12_399], ParquetEvents.ReadAll(reader).Select(e => e.Sequence));
        reader.Rewind();
        Assert.Equal(55, ParquetEvents.ReadAll(reader).Count);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(2_000)]
    [InlineData(-1)]
    [InlineData(-9)]
    public void ACutFileIsRefusedWithOneLine(int length)
    {
        using var folder = new TemporaryFolder();
        byte[] bytes = File.ReadAllBytes(Trades(folder));
        File.WriteAllBytes(folder.File("cut"), bytes[..(length < 0 ? bytes.Length + length : length)]);
        InvalidDataException error = Assert.Throws<InvalidDataException>(() => Open(folder.File("cut"), new DamageLog(strict: false)));
        Assert.StartsWith($"{folder.File("cut")}: not a readable Parquet file", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Fact]
    public void AFlippedBitCostsItsGroupAndIsCounted()
    {
        using var folder = new TemporaryFolder();
        string path = Trades(folder);
        byte[] bytes = File.ReadAllBytes(path);
        // Well inside the first group's pages.
        bytes[2_000] ^= 0x10;
        File.WriteAllBytes(path, bytes);
        var damage = new DamageLog(strict: false);
        using ParquetMarketReader reader = Open(path, damage);
        List<MarketEvent> events = ParquetEvents.ReadAll(reader);
        Assert.Equal(1, damage.Refused);
        Assert.Contains("row group 1 of", damage.First[0], StringComparison.Ordinal);
        Assert.InRange(events.Count, Count - 6_000, Count - 1);
        Assert.Equal(Count - 1, events[^1].Sequence);
        Assert.Throws<InvalidDataException>(() => ParquetEvents.ReadAll(Open(path, new DamageLog(strict: true))));
    }

    [Fact]
    public void AParquetFileOfOthersIsNamedAsSuch()
    {
        using var folder = new TemporaryFolder();
        using (var writer = new ParquetFileWriter(folder.File("x"), [new Column<long>("price")]))
        {
            using RowGroupWriter group = writer.AppendRowGroup();
            using (LogicalColumnWriter<long> column = group.NextColumn().LogicalWriter<long>())
                column.WriteBatch([1, 2]);
            writer.Close();
        }

        Assert.Contains("no market data of crpbot", Assert.Throws<InvalidDataException>(() => Open(folder.File("x"), new DamageLog(strict: false))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AColumnThatIsMissingOrOfAnotherTypeIsNamed()
    {
        using var folder = new TemporaryFolder();
        var metadata = new Dictionary<string, string>
        {
            ["crpbot.format"] = "1", ["crpbot.type"] = "trades", ["crpbot.venue"] = "coinbase", ["crpbot.symbol"] = "BTC-USD", ["crpbot.tick"] = "0.01", ["crpbot.lot"] = "0.00000001", ["crpbot.assumed"] = "false",
        };
        foreach ((string name, Column column, string expected) in new (string, Column, string)[]
        {
            ("a", new Column<long>("price"), "there is no column 'receive_time'"),
            ("b", new Column<int>("receive_time"), "column 'receive_time' is a required Int32"),
        })
        {
            using (var writer = new ParquetFileWriter(folder.File(name), [column], keyValueMetadata: metadata))
                writer.Close();
            Assert.Contains(expected, Assert.Throws<InvalidDataException>(() => Open(folder.File(name), new DamageLog(strict: false))).Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void AnInstrumentKnownWithOtherIncrementsIsRefused()
    {
        using var folder = new TemporaryFolder();
        string path = Trades(folder);
        var table = new InstrumentTable();
        table.Define("coinbase", "BTC-USD", DecimalStep.Parse("0.1"), DecimalStep.Parse("0.001"), assumed: false);
        Assert.Throws<InvalidDataException>(() => new ParquetMarketReader(path, table, new TextIdTable(), ReadRange.All, new DamageLog(strict: false)));
    }

    private static ParquetMarketReader Open(string path, DamageLog damage) => new(path, new InstrumentTable(), new TextIdTable(), ReadRange.All, damage);

    /// <summary>A trade a second in groups of 5,000.</summary>
    private static string Trades(TemporaryFolder folder)
    {
        Instrument instrument = new InstrumentTable().GetOrAdd("coinbase", "BTC-USD");
        var random = new Random(1);
        IEnumerable<MarketEvent> events = Enumerable.Range(0, Count).Select(i =>
            ParquetRoundTripTests.Trade(instrument, random.Next(1, 5_000_000), random.Next(1, 100_000)) with { ReceiveTime = Start + i * UnixNanos.PerSecond, Sequence = i });
        ParquetEvents.Write(folder.File("trades.parquet"), TardisCsvType.Trades, instrument, new TextIdTable(), events, groupRows: 5_000);
        return folder.File("trades.parquet");
    }
}
