using System.Diagnostics;
using System.Text.Json;

namespace Crpbot.Pipeline.Tests;

/// <summary>Runs the program as a user does.</summary>
internal static class CommandRunner
{
    private static readonly string Executable = Path.Combine(AppContext.BaseDirectory, "crpbot.dll");

    public static Task<Outcome> Run(params string[] arguments) => Run([], arguments);

    /// <param name="environment">Variables beside those of the test.</param>
    public static async Task<Outcome> Run(Dictionary<string, string> environment, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", ["exec", Executable, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach ((string name, string value) in environment)
            start.Environment[name] = value;
        using var process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> errors = process.StandardError.ReadToEndAsync();
        try
        {
            await process.WaitForExitAsync().WaitAsync(TimeSpan.FromMinutes(3));
        }
        catch (TimeoutException)
        {
            process.Kill();
            throw;
        }

        return new Outcome(process.ExitCode, await output, await errors);
    }

    public static async Task<JsonElement> RunJson(params string[] arguments)
    {
        Outcome outcome = await Run([.. arguments, "--json"]);
        if (outcome.ExitCode != 0)
            throw new InvalidOperationException($"crpbot {string.Join(' ', arguments)} ended with {outcome.ExitCode}: {outcome.Errors}");
        return JsonDocument.Parse(outcome.Output).RootElement;
    }

    internal sealed record Outcome(int ExitCode, string Output, string Errors);
}

/// <summary>A folder that goes with the test.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    private readonly string _path = Directory.CreateTempSubdirectory("crpbot-").FullName;

    public string this[string name] => Path.Combine(_path, name);

    public void Dispose() => Directory.Delete(_path, recursive: true);
}
