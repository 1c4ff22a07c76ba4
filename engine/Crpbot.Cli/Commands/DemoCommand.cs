using System.CommandLine;
using Crpbot.Cli.Demo;

namespace Crpbot.Cli.Commands;

/// <summary><c>crpbot demo</c>.</summary>
internal static class DemoCommand
{
    public static Command Create()
    {
        var seconds = new Option<double>("--seconds") { Description = "How long to trade.", DefaultValueFactory = _ => 60 };
        var speed = new Option<double>("--speed") { Description = "Market seconds a second.", DefaultValueFactory = _ => 60 };
        var seed = new Option<ulong>("--seed") { Description = "Which market.", DefaultValueFactory = _ => 1 };
        var output = new Option<string>("--out") { Description = "Folder for captures, histogram log and report.", DefaultValueFactory = _ => "crpbot-demo" };
        var model = new Option<string>("--model") { Description = "Model package.", DefaultValueFactory = _ => "sim-lstm-53" };
        var command = new Command("demo", """
            Runs the whole engine on a simulated exchange over a loopback WebSocket: history, live feed, model, risk, paper trading, latency.

            Example: crpbot demo --seconds 60 --speed 60 --seed 1
            """)
        { seconds, speed, seed, output, model };
        command.SetAction((parsed, cancellation) =>
        {
            var options = new DemoOptions(parsed.GetValue(seconds), parsed.GetValue(speed), parsed.GetValue(seed), parsed.GetValue(output)!, parsed.GetValue(model)!);
            if (!(options.Seconds is > 0 and <= 86_400))
                throw new UsageException($"--seconds {options.Seconds}: expected a number above 0, at most a day");
            if (!(options.Speed is >= 0.1 and <= 1000))
                throw new UsageException($"--speed {options.Speed}: expected a number from 0.1 to 1000");
            return DemoRun.RunAsync(options, cancellation);
        });
        return command;
    }
}
