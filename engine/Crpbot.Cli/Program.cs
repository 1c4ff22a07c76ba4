using System.CommandLine;
using Crpbot.Cli;

return await CommandLine.RunAsync(args);
