using System.Diagnostics;

namespace Crpbot.Pipeline.Tests.Download;

/// <summary>The program with the services' addresses in its environment.</summary>
internal static class DownloadProcess
{
    public const string Key = "TD.secret-of-the-test";

    public static Process Start(string address, string? key, params string[] arguments) => Start(address, key, [], arguments);

    private static Process Start(string address, string? key, Dictionary<string, string> environment, string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", ["exec", Path.Combine(AppContext.BaseDirectory, "crpbot.dll"), .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["CRPBOT_TARDIS_DATASETS_URL"] = address;
        start.Environment["CRPBOT_TARDIS_API_URL"] = address;
        start.Environment["CRPBOT_COINBASE_URL"] = address;
        start.Environment["CRPBOT_TARDIS_MACHINE_URL"] = null;
        start.Environment["TARDIS_API_KEY"] = key;
        foreach ((string name, string value) in environment)
            start.Environment[name] = value;
        return Process.Start(start)!;
    }

    public static Task<CommandRunner.Outcome> Run(string address, string? key, params string[] arguments) => Run(address, key, [], arguments);

    public static async Task<CommandRunner.Outcome> Run(string address, string? key, Dictionary<string, string> environment, params string[] arguments)
    {
        using Process process = Start(address, key, environment, arguments);
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> errors = process.StandardError.ReadToEndAsync();
        try
        {
            await process.WaitForExitAsync().WaitAsync(TimeSpan.FromMinutes(2));
        }
        catch (TimeoutException)
        {
            process.Kill();
            throw;
        }

        return new CommandRunner.Outcome(process.ExitCode, await output, await errors);
    }

    /// <summary>Every file of a folder with its content.</summary>
    public static SortedDictionary<string, byte[]> Tree(string folder) => new(Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
        .ToDictionary(file => Path.GetRelativePath(folder, file), File.ReadAllBytes), StringComparer.Ordinal);
}
