using System.Globalization;
using System.Numerics;
using Crpbot.Codecs.Instruments;
using Crpbot.Codecs.Readers;
using Crpbot.Datasets.Lake;
using Crpbot.MarketData;
using Crpbot.Messages;
using DuckDB.NET.Data;
using Xunit;

namespace Crpbot.Pipeline.Tests.Lake;

/// <summary>Another engine reads the lake as it is and comes to the same numbers.</summary>
public class DuckDbTests
{
    [Fact]
    public async Task MinuteBarsInSqlAreTheEnginesOwn()
    {
        using var folder = new TemporaryFolder();
        string lake = folder["lake"];
        int rows = TwoDayLake.Fill(lake);
        CommandRunner.Outcome outcome = await CommandRunner.Run("data", "convert", "--lake", lake);
        Assert.True(outcome.ExitCode == 0, outcome.Errors);

        Dictionary<(string Symbol, long Open), string> engine = EngineBars(lake);
        Dictionary<(string Symbol, long Open), string> sql = [];
        foreach (object[] row in Query($"""
            SELECT symbol, epoch_us(date_trunc('minute', exchange_time)) AS minute, first(price ORDER BY id), max(price), min(price), last(price ORDER BY id), sum(quantity), count(*)
            FROM read_parquet('{lake}/venue=*/type=trades/*/*/*.parquet', hive_partitioning = true, union_by_name = true)
            WHERE kind = 'trade' GROUP BY ALL
            """))
        {
            sql[((string)row[0], (long)row[1] * 1000)] = string.Join(' ', row.Skip(2).Select(Plain));
        }

        // The engine begins with the first full minute and does not close the last one of a stream.
        Assert.True(engine.Count > 100, $"{engine.Count} bars");
        Assert.All(engine, bar => Assert.Equal(bar.Value, sql[bar.Key]));
        Assert.Equal((long)rows, Query($"SELECT count(*) FROM '{lake}/venue=*/type=trades/*/*/*.parquet'")[0][0]);
    }

    [Fact]
    public async Task RowsOfTheBookAndPartitionsAreCountedAlike()
    {
        using var folder = new TemporaryFolder();
        string lake = folder["lake"];
        TwoDayLake.Fill(lake);
        await CommandRunner.Run("data", "convert", "--lake", lake);
        object[] book = Query($"""
            SELECT count(*) FILTER (kind = 'level'), count(*) FILTER (kind = 'clear'), count(*) FILTER (is_snapshot), sum(quantity), count(DISTINCT date), min(exchange_time)
            FROM read_parquet('{lake}/venue=*/type=incremental_book_L2/*/*/*.parquet', hive_partitioning = true) WHERE symbol = 'BTCUSDT'
            """)[0];
        // Two days of 500 rows, of which every snapshot's first twenty arrive 1 ms apart: each is a snapshot of its own.
        Assert.Equal([1000L, 40L, 80L, Plain(2 * Enumerable.Range(0, 500).Sum(i => i % 3 + 0.25m)), 2L], [book[0], book[1], book[2], Plain(book[3]), book[4]]);
        Assert.Equal(new DateTime(2024, 2, 28, 0, 0, 0, DateTimeKind.Utc), book[5]);
    }

    private static Dictionary<(string, long), string> EngineBars(string lake)
    {
        var bars = new Dictionary<(string, long), string>();
        foreach (string symbol in new[] { "BTCUSDT", "SOLUSDT" })
        {
            foreach (DateOnly day in new[] { TwoDayLake.First, TwoDayLake.Second })
            {
                using var storage = new FolderLake(lake);
                var query = new LakeQuery { Symbols = [symbol], Types = [Codecs.Tardis.TardisCsvType.Trades], From = LakeQuery.StartOf(day), To = LakeQuery.StartOf(day.AddDays(1)) };
                var table = new InstrumentTable();
                using MarketReader reader = LakeReader.Open(storage, query, table, new DamageLog(strict: true));
                var clock = new BarClock();
                var aggregator = new BarAggregator(60 * UnixNanos.PerSecond);
                while (reader.Read())
                {
                    while (clock.TryTakeTimer(reader.Time, out MarketEvent timer))
                    {
                        if (aggregator.Close(timer, out Bar bar) && bar.Trades > 0)
                            bars[(symbol, bar.OpenTime.Value)] = Tell(table.All[0], bar);
                    }

                    foreach (ref readonly MarketEvent e in reader.Message.Events)
                    {
                        aggregator.ApplyTrade(e);
                        clock.Observe(e);
                    }
                }

                Assert.Equal((0, 0), (aggregator.LateTrades, aggregator.Refused));
            }
        }

        return bars;
    }

    private static string Tell(Instrument instrument, in Bar bar) =>
        $"{instrument.Format(bar.Open)} {instrument.Format(bar.High)} {instrument.Format(bar.Low)} {instrument.Format(bar.Close)} {instrument.Format(bar.Volume)} {bar.Trades}";

    /// <summary>Exact text without trailing zeros, whatever the scale of the column.</summary>
    private static string Plain(object value)
    {
        string text = value is BigInteger big ? big.ToString(CultureInfo.InvariantCulture) : Convert.ToString(value, CultureInfo.InvariantCulture)!;
        return text.Contains('.', StringComparison.Ordinal) ? text.TrimEnd('0').TrimEnd('.') : text;
    }

    private static List<object[]> Query(string sql)
    {
        using var connection = new DuckDBConnection("DataSource=:memory:");
        connection.Open();
        using DuckDBCommand command = connection.CreateCommand();
        command.CommandText = sql;
        using var reader = command.ExecuteReader();
        var rows = new List<object[]>();
        while (reader.Read())
        {
            var row = new object[reader.FieldCount];
            reader.GetValues(row);
            rows.Add(row);
        }

        return rows;
    }
}
