using System.Globalization;
using System.IO.Compression;
using System.Text;
using System.Text.Json;
using System.Xml.Linq;
using Xunit;

namespace Crpbot.Pipeline.Tests.Cli;

public sealed class DataCompareTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task EqualSourcesEndWith0AndDifferentOnesWith1AndAPage()
    {
        string a = Write("a.csv", 0, 0), same = Write("b.csv", 0, 0), shifted = Write("c.csv", 3600, 0.5);
        CommandRunner.Outcome equal = await CommandRunner.Run("data", "compare", a, same);
        Assert.Equal((0, ""), (equal.ExitCode, equal.Errors));
        Assert.Contains("0 of them differ", equal.Output, StringComparison.Ordinal);

        string page = _folder["compare.html"];
        CommandRunner.Outcome different = await CommandRunner.Run("data", "compare", a, shifted, "--json", "--out", page);
        Assert.Equal((1, ""), (different.ExitCode, different.Errors));
        JsonElement json = JsonDocument.Parse(different.Output).RootElement;
        Assert.Equal((3600, 300, 0), (json.GetProperty("offsetSeconds").GetInt32(), json.GetProperty("matched").GetInt32(), json.GetProperty("missingInA").GetInt32()));
        Assert.Equal("a.csv", json.GetProperty("a").GetProperty("name").GetString());
        Assert.Equal(300, json.GetProperty("fields").GetProperty("volume").GetProperty("differing").GetInt32());
        Assert.Equal(0, json.GetProperty("fields").GetProperty("close").GetProperty("differing").GetInt32());
        Assert.Equal(1, json.GetProperty("figure").GetProperty("eventsPerMinute").GetProperty("times").GetDouble());
        string html = await File.ReadAllTextAsync(page);
        string[] pictures = html.Split("<svg ")[1..];
        Assert.Equal(4, pictures.Length);
        foreach (string picture in pictures)
            XElement.Parse("<svg " + picture[..(picture.IndexOf("</svg>", StringComparison.Ordinal) + 6)]);
        Assert.DoesNotContain(_folder["a.csv"], html, StringComparison.Ordinal);
        Assert.Equal(different.Output, (await CommandRunner.Run("data", "compare", a, shifted, "--json", "--out", page)).Output);
        Assert.Equal(html, await File.ReadAllTextAsync(page));
    }

    [Fact]
    public async Task ToleranceAndIntervalDecideWhatIsEqual()
    {
        string a = Write("a.csv", 0, 0), other = Write("b.csv", 0, 0.001);
        Assert.Equal(1, (await CommandRunner.Run("data", "compare", a, other)).ExitCode);
        JsonElement json = await CommandRunner.RunJson("data", "compare", a, other, "--tolerance", "0.01", "--candles", "15m", "--from", "2024-03-04T01:00", "--to", "2024-03-04T02:00");
        Assert.Equal((4, "15m"), (json.GetProperty("matched").GetInt32(), json.GetProperty("candles").GetString()));
        Assert.Equal("2024-03-04T02:00:00.000000000Z", json.GetProperty("overlap").GetProperty("to").GetString());
    }

    [Fact]
    public async Task TradesStandBesideCandlesWithoutAFlag()
    {
        var csv = new StringBuilder("exchange,symbol,timestamp,local_timestamp,id,side,price,amount\n");
        var candles = new StringBuilder("time,low,high,open,close,volume\n");
        for (int minute = 0; minute < 60; minute++)
        {
            long second = 1709510400 + minute * 60;
            (int open, int close) = (100 + minute * 7 % 13, 100 + minute * 5 % 11);
            csv.Append(CultureInfo.InvariantCulture, $"coinbase,BTC-USD,{second}000000,{second}010000,{2 * minute},buy,{open},0.5\n");
            csv.Append(CultureInfo.InvariantCulture, $"coinbase,BTC-USD,{second + 58}000000,{second + 58}010000,{2 * minute + 1},sell,{close},0.25\n");
            candles.Append(CultureInfo.InvariantCulture, $"{second},{Math.Min(open, close)},{Math.Max(open, close)},{open},{close},0.75\n");
        }

        await File.WriteAllTextAsync(_folder["trades.csv"], csv.ToString());
        await File.WriteAllTextAsync(_folder["candles.csv"], candles.ToString());
        JsonElement json = await CommandRunner.RunJson("data", "compare", _folder["trades.csv"], _folder["candles.csv"], "--csv-type", "trades");
        Assert.Equal((60, 120, 60), (json.GetProperty("matched").GetInt32(), json.GetProperty("a").GetProperty("rows").GetInt32(), json.GetProperty("b").GetProperty("rows").GetInt32()));
        Assert.Equal("single trades", json.GetProperty("figure").GetProperty("onlyA")[0].GetString());
        string day = _folder["lake/raw/tardis/datasets/coinbase/trades/2024/03/04/BTC-USD.csv.gz"];
        Directory.CreateDirectory(Path.GetDirectoryName(day)!);
        using (var gzip = new GZipStream(File.Create(day), CompressionLevel.Fastest))
            gzip.Write(Encoding.UTF8.GetBytes(csv.ToString()));
        JsonElement lake = await CommandRunner.RunJson("data", "compare", _folder["lake"], _folder["candles.csv"], "--symbol", "btc-usd");
        Assert.Equal((60, "lake BTC-USD"), (lake.GetProperty("matched").GetInt32(), lake.GetProperty("a").GetProperty("name").GetString()));
        JsonElement trades = (await CommandRunner.RunJson("data", "compare", _folder["trades.csv"], _folder["trades.csv"])).GetProperty("trades");
        Assert.Equal((120, 0), (trades.GetProperty("matched").GetInt32(), trades.GetProperty("differing").GetInt32()));
    }

    [Fact]
    public async Task WhatCannotBeReadIsRefusedInOneLine()
    {
        string a = Write("a.csv", 0, 0), headless = _folder["h.csv"];
        await File.WriteAllTextAsync(headless, "1709510400,1,1,1,1,1\n1709510460,1,1,1,1,1\n");
        foreach ((int code, string word, string[] arguments) in ((int, string, string[])[])
        [
            (3, "--columns", ["data", "compare", a, headless]),
            (3, "there is no such file", ["data", "compare", a, _folder["none.csv"]]),
            (3, "no time in common", ["data", "compare", a, headless, "--columns-b", "time,open,high,low,close,volume", "--candles", "1m", "--symbol-b", "X", "--tolerance", "0.5"]),
            (2, "--candles", ["data", "compare", a, a, "--candles", "often"]),
            (2, "--tolerance", ["data", "compare", a, a, "--tolerance", "-1"]),
        ])
        {
            if (word == "no time in common")
                await File.WriteAllTextAsync(headless, "1509510420,1,1,1,1,1\n1509510480,1,1,1,1,1\n");
            CommandRunner.Outcome outcome = await CommandRunner.Run(arguments);
            Assert.True(outcome.ExitCode == code && outcome.Errors.Contains(word, StringComparison.Ordinal) && outcome.Errors.TrimEnd().Split('\n').Length == 1, $"{outcome.ExitCode}: {outcome.Errors}");
            Assert.Equal("", outcome.Output);
        }
    }

    private string Write(string name, int shiftSeconds, double moreVolume)
    {
        var random = new Random(7);
        var text = new StringBuilder("time,open,high,low,close,volume\n");
        double price = 100;
        for (int i = 0; i < 300; i++)
        {
            double open = Math.Round(price, 2);
            price *= 1 + (random.NextDouble() - 0.5) / 100;
            double close = Math.Round(price, 2);
            text.Append(CultureInfo.InvariantCulture, $"{1709510400 + i * 60 + shiftSeconds},{open},{Math.Max(open, close)},{Math.Min(open, close)},{close},{2 + moreVolume}\n");
        }

        File.WriteAllText(_folder[name], text.ToString());
        return _folder[name];
    }
}
