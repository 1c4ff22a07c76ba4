using System.Diagnostics;
using Crpbot.Testing;
using Xunit;

namespace Crpbot.Pipeline.Tests.Download;

/// <summary>A download may be killed at any moment: what it leaves, continued, is what an undisturbed one leaves.</summary>
public class KilledDownloadTests
{
    private const int Kills = 50;
    private const int Days = 200;

    [Fact]
    public async Task AfterFiftyKillsTheLakeIsByteForByteThatOfAnUndisturbedRun()
    {
        await using TardisServer server = await TardisServer.StartAsync();
        var start = new DateTime(2024, 1, 1, 0, 0, 0, DateTimeKind.Utc);
        foreach (string symbol in new[] { "BTC-USD", "ETH-USD" })
        {
            for (int i = 0; i < Days; i++)
            {
                // A day in ten does not exist, one in ten is empty.
                string rows = i % 10 == 5 ? "" : $"coinbase,{symbol},{i},{i},{i},buy,1,1\n";
                if (i % 10 != 7)
                    server.Files[$"/v1/coinbase/trades/{start.AddDays(i):yyyy'/'MM'/'dd}/{symbol}.csv.gz"] = TardisServer.Gzip("exchange,symbol,timestamp,local_timestamp,id,side,price,amount\n" + rows);
            }
        }

        using var folder = new TemporaryFolder();
        string[] Arguments(string lake) => ["data", "download", "--symbols", "BTC-USD,ETH-USD", "--types", "trades", "--from", "2024-01-01", "--to", $"{start.AddDays(Days):yyyy-MM-dd}",
            "--out", folder[lake], "--concurrency", "4"];
        Assert.Equal(0, (await DownloadProcess.Run(server.Address, null, Arguments("undisturbed"))).ExitCode);
        server.Requests.Clear();

        // Half of the kills come at any time from the start of the process on, half after some requests, so that the lake grows on a busy machine too. Each
        // answer takes a while: the download is never done before the last kill.
        server.Delay = TimeSpan.FromMilliseconds(20);
        var random = new Random(1);
        int killed = 0;
        int files = 0;
        for (int i = 0; i < Kills; i++)
        {
            using Process process = DownloadProcess.Start(server.Address, null, Arguments("killed"));
            if (i % 2 == 0)
                await WaitForRequests(server, server.Requests.Count + random.Next(2, 14), process);
            await Task.Delay(random.Next(i % 2 == 0 ? 40 : 400));
            killed += process.HasExited ? 0 : 1;
            process.Kill();
            await process.WaitForExitAsync();
            files = Directory.Exists(folder["killed"]) ? Directory.GetFiles(folder["killed"], "*.csv.gz", SearchOption.AllDirectories).Length : 0;
        }

        Assert.InRange(killed, Kills / 2, Kills);
        Assert.InRange(files, 1, server.Files.Count);
        server.Delay = TimeSpan.Zero;
        CommandRunner.Outcome last = await DownloadProcess.Run(server.Address, null, Arguments("killed"));
        Assert.Equal(0, last.ExitCode);
        SortedDictionary<string, byte[]> undisturbed = DownloadProcess.Tree(folder["undisturbed"]);
        Assert.Equal(2 * Days + server.Files.Count, undisturbed.Count);
        Assert.Equal(undisturbed, DownloadProcess.Tree(folder["killed"]));
        Assert.Equal(
            Directory.GetDirectories(folder["undisturbed"], "*", SearchOption.AllDirectories).Select(path => Path.GetRelativePath(folder["undisturbed"], path)).Order(),
            Directory.GetDirectories(folder["killed"], "*", SearchOption.AllDirectories).Select(path => Path.GetRelativePath(folder["killed"], path)).Order());
    }

    private static async Task WaitForRequests(TardisServer server, int count, Process process)
    {
        var clock = Stopwatch.StartNew();
        while (server.Requests.Count < count && !process.HasExited && clock.Elapsed < TimeSpan.FromSeconds(20))
            await Task.Delay(2);
    }
}
