@echo off
rem The one entry on Windows: build.cmd [build^|test^|demo^|bench^|package^|clean] [-Configuration Release^|Debug]
setlocal
cd /d "%~dp0"
set DOTNET_NOLOGO=1
set DOTNET_CLI_TELEMETRY_OPTOUT=1
set MSBUILDDISABLENODEREUSE=1
set "TASK=%~1"
if "%TASK%"=="" set "TASK=build"
where dotnet >nul 2>&1
if errorlevel 1 (
    echo The .NET SDK, 8 or later, is missing. Get it from https://dotnet.microsoft.com/download and run this again. 1>&2
    exit /b 1
)
set "CHECK=if ($PSVersionTable.PSVersion -lt [version]'7.4') { exit 1 }"
pwsh -NoProfile -NonInteractive -Command "%CHECK%" >nul 2>&1
if not errorlevel 1 (
    pwsh -NoProfile -NonInteractive -File build.ps1 -Task %TASK% %2 %3
    exit /b
)
dotnet tool restore >nul 2>&1
dotnet tool run pwsh -NoProfile -NonInteractive -Command "%CHECK%" >nul 2>&1
if not errorlevel 1 (
    dotnet tool run pwsh -NoProfile -NonInteractive -File build.ps1 -Task %TASK% %2 %3
    exit /b
)
echo NOT RUN: no PowerShell 7.4 or later was found, and none could be restored with 'dotnet tool restore'.
echo Left out: the Pester suite, PSScriptAnalyzer, the demo of the cmdlets, packages.
echo Get PowerShell from https://aka.ms/powershell and run the same command again.
dotnet build Amp.PowerShell.sln --configuration Release --verbosity quiet
if errorlevel 1 exit /b 1
if /i "%TASK%"=="test" dotnet test Amp.PowerShell.sln --configuration Release --no-build
if /i "%TASK%"=="demo" dotnet run --project examples/SdkDemo --configuration Release --no-build
exit /b
