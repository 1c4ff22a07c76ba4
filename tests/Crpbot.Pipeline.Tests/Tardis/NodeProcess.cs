using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using SharedData = Crpbot.Testing.MarketData;

namespace Crpbot.Pipeline.Tests.Tardis;

/// <summary>A Node program of the tools folder; it goes with the test.</summary>
internal sealed class NodeProcess : IDisposable
{
    private readonly Process _process;
    private readonly StringBuilder _errors = new();

    private NodeProcess(Process process)
    {
        _process = process;
        process.ErrorDataReceived += (_, line) => _errors.AppendLine(line.Data);
        process.BeginErrorReadLine();
    }

    /// <summary>Starts a tool and waits for its first line, which each prints when it listens.</summary>
    /// <param name="folder">Working folder; programs find their packages from there.</param>
    public static async Task<(NodeProcess Process, string Line)> Start(
        string tool, string folder, IReadOnlyDictionary<string, string> environment, params string[] arguments)
    {
        var start = new ProcessStartInfo("node", [SharedData.Tool(tool)!, .. arguments])
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach ((string name, string value) in environment)
            start.Environment[name] = value;
        var process = new NodeProcess(Process.Start(start)!);
        try
        {
            string? line = await process._process.StandardOutput.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(30));
            return (process, line ?? throw new InvalidOperationException($"{tool} ended: {process._errors}"));
        }
        catch
        {
            process.Dispose();
            throw;
        }
    }

    /// <summary>The first of two ports in a row that are free now.</summary>
    public static int FreePorts()
    {
        while (true)
        {
            using var first = new TcpListener(IPAddress.Loopback, 0);
            first.Start();
            int port = ((IPEndPoint)first.LocalEndpoint).Port;
            try
            {
                using var second = new TcpListener(IPAddress.Loopback, port + 1);
                second.Start();
                return port;
            }
            catch (Exception error) when (error is SocketException or ArgumentOutOfRangeException)
            {
                // Taken, or past the last one: another pair.
            }
        }
    }

    public void Kill()
    {
        _process.Kill();
        _process.WaitForExit();
    }

    public void Dispose()
    {
        Kill();
        _process.Dispose();
    }
}
