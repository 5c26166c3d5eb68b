# What a run is made to meet: the fake CLI, or a real one with the local service. Part of Amp.TestSupport.psm1.

function Get-AmpFakeCall {
    # Parameters, to be splatted, of a call that meets the fake CLI with this script; tests/Amp.FakeCli/README.md has the steps.
    [CmdletBinding()]
    [OutputType([hashtable])]
    param(
        [Parameter(Mandatory, Position = 0)] [pscustomobject] $Place,
        [Parameter(Position = 1)] [string[]] $Step = 'echo',
        [hashtable] $Variable = @{}
    )

    $script = Join-Path $Place.Root "script-$([guid]::NewGuid().ToString('N').Substring(0, 8)).txt"
    Set-Content -LiteralPath $script -Value $Step
    $environment = $Place.Environment + @{ AMP_FAKE_SCRIPT = $script; AMP_FAKE_LOG = $Place.Log }
    foreach ($name in $Variable.Keys) {
        $environment[$name] = $Variable[$name]
    }

    @{
        CliPath = (Get-AmpTestLayout).FakeCli
        WorkingDirectory = $Place.Project
        Environment = $environment
    }
}

function Add-AmpTestFolder {
    # A folder of its own for a run; its path.
    [CmdletBinding()]
    [OutputType([string])]
    param(
        [Parameter(Mandatory, Position = 0)] [pscustomobject] $Place,
        [Parameter(Mandatory, Position = 1)] [string] $Name
    )

    (New-Item -ItemType Directory -Force -Path (Join-Path $Place.Root "work/$Name")).FullName
}

function Add-AmpTestFile {
    # Gives a fake what it waits for.
    [CmdletBinding()]
    param(
        [Parameter(Mandatory, Position = 0)] [pscustomobject] $Place,
        [Parameter(Mandatory, Position = 1)] [string] $Name
    )

    $null = New-Item -ItemType File -Path (Join-Path $Place.Root $Name)
}

function Wait-AmpTestFile {
    # Waits for the mark of a fake.
    [CmdletBinding()]
    param(
        [Parameter(Mandatory, Position = 0)] [pscustomobject] $Place,
        [Parameter(Mandatory, Position = 1)] [string] $Name
    )

    $path = Join-Path $Place.Root $Name
    Wait-AmpTestCondition { Test-Path -LiteralPath $path } -Because "the CLI makes the file $Name"
}

function Get-AmpFanOutTask {
    # A hundred tasks for the CLI below, in an order that the seed decides.
    [CmdletBinding()]
    [OutputType([pscustomobject])]
    param(
        [Parameter(Mandatory, Position = 0)] [pscustomobject] $Place,
        [Parameter(Mandatory)] [int] $Seed
    )

    $names = @('success') * 44 + @('error', 'crash', 'throttled') * 12 + @('hang') * 4 + @('label') * 6 + @('empty') * 5 + @('nowhere') * 5
    $number = 0
    foreach ($name in $names | Get-Random -Shuffle -SetSeed $Seed) {
        $number++
        [pscustomobject]@{
            Prompt = $name -eq 'empty' ? '' : "prompt $number"
            WorkingDirectory = $name -eq 'nowhere' ? (Join-Path $Place.Root 'nowhere') : (Add-AmpTestFolder $Place "$name-$number")
            Label = $name -eq 'label' ? 'no_label!' : ''
            Kind = $name
        }
    }
}

function Get-AmpFanOutCall {
    # A hundred of the fake CLI would be a hundred .NET runtimes. This one does what the name of its folder says.
    [CmdletBinding()]
    [OutputType([hashtable])]
    param(
        [Parameter(Mandatory, Position = 0)] [pscustomobject] $Place,
        [Parameter(Position = 1)] [hashtable] $More = @{}
    )

    $path = Join-Path $Place.Root 'amp'
    Set-Content -LiteralPath $path -NoNewline -Value @'
#!/bin/sh
case "$1" in
--version) echo '0.0.1774310664-gcb98ac (released 2026-03-24T00:08:19.172Z)'; exit;;
--help) echo '  --no-ide
  -m, --mode <value>  the mode (smart, rush)
  -l, --label <label>  a label'; exit;;
esac
prompt=$(cat)
line() { printf '{"type":"%s",%s,"session_id":"T-%s"}\n' "$1" "$2" "$$"; }
say() { line assistant "\"message\":{\"role\":\"assistant\",\"content\":[{\"type\":\"text\",\"text\":\"$1\"}]}"; }
fail() { line result "\"subtype\":\"error_during_execution\",\"is_error\":true,\"error\":\"$1\""; }
line system '"subtype":"init","cwd":"/","tools":[],"mcp_servers":[]'
say "$prompt 1"
case "${PWD##*/}" in
error*) fail 'It went wrong.'; exit;;
crash*) exit 3;;
hang*) trap 'fail "User cancelled"; exit 0' INT TERM; sleep 1800 & wait;;
throttled*) fail '429 Too many requests'; exit;;
args*) say "$*";;
esac
say "$prompt 2"
line result "\"subtype\":\"success\",\"is_error\":false,\"num_turns\":1,\"duration_ms\":1,\"result\":\"$prompt done\""
'@
    chmod +x $path
    @{ CliPath = $path; WorkingDirectory = $Place.Project; Environment = $Place.Environment } + $More
}

function Get-AmpFakeRecord {
    # What the fake CLI was given, a dictionary for each start; -Kind Run leaves out calls that only ask for version and help.
    [CmdletBinding()]
    [OutputType([System.Collections.IDictionary])]
    param(
        [Parameter(Mandatory, Position = 0)] [pscustomobject] $Place,
        [string] $Kind = '*'
    )

    foreach ($file in [System.IO.Directory]::GetFiles($Place.Log, '*.json')) {
        # Names of variables may differ in nothing but their case.
        $record = [System.IO.File]::ReadAllText($file) | ConvertFrom-Json -AsHashtable
        if ($record.kind -like $Kind) {
            $record
        }
    }
}

function Get-AmpFakeToolStep {
    # A step that writes a call of a tool or, with -Result, what the tool gave back.
    [CmdletBinding()]
    [OutputType([string])]
    param(
        [Parameter(Mandatory, ParameterSetName = 'Call')] [string] $Name,
        [Parameter(Mandatory, ParameterSetName = 'Call')] [System.Collections.IDictionary] $Argument,
        [Parameter(Mandatory, ParameterSetName = 'Result')] [object] $Result,
        [Parameter(ParameterSetName = 'Result')] [switch] $Failed,
        [string] $Id = 'toolu_1'
    )

    if ($Name) {
        $role = 'assistant'
        $block = [ordered]@{ type = 'tool_use'; id = $Id; name = $Name; input = $Argument }
    } else {
        $role = 'user'
        $block = [ordered]@{ type = 'tool_result'; tool_use_id = $Id; content = $Result; is_error = [bool] $Failed }
    }

    $message = [ordered]@{ role = $role; content = @($block) }
    if ($Name) {
        $message['stop_reason'] = 'tool_use'
        $message['usage'] = [ordered]@{ input_tokens = 10; output_tokens = 20 }
    }

    'out ' + ([ordered]@{ type = $role; message = $message; parent_tool_use_id = $null; session_id = '${SESSION}' } |
            ConvertTo-Json -Depth 20 -Compress)
}

function Open-AmpLocalService {
    # A service of this place with a scripted model; without a scenario it echoes prompts and runs RUN:Tool {input}END.
    # With -ApiKey it lets in nobody who has another key.
    [CmdletBinding()]
    [OutputType([pscustomobject])]
    param(
        [Parameter(Mandatory, Position = 0)] [pscustomobject] $Place,
        [Parameter(Position = 1)] [System.Collections.IDictionary] $Scenario,
        [string] $ScenarioFile,
        # Where its threads are and stay.
        [string] $DataFolder,
        [string] $ApiKey
    )

    $record = Join-Path $Place.Root "requests-$($Place.Services.Count).jsonl"
    $start = [System.Diagnostics.ProcessStartInfo]::new((Get-AmpTestLayout).LocalService)
    $start.RedirectStandardOutput = $true
    $start.WorkingDirectory = $Place.Root
    foreach ($argument in '--record', $record, '--parent-process-id', "$PID") {
        $start.ArgumentList.Add($argument)
    }

    if ($Scenario) {
        $ScenarioFile = Join-Path $Place.Root "scenario-$($Place.Services.Count).json"
        $Scenario | ConvertTo-Json -Depth 20 | Set-Content -LiteralPath $ScenarioFile
    }

    if ($ScenarioFile) {
        $start.ArgumentList.Add('--scenario')
        $start.ArgumentList.Add($ScenarioFile)
    }

    if ($DataFolder) {
        $start.ArgumentList.Add('--data')
        $start.ArgumentList.Add($DataFolder)
    }

    foreach ($name in $Place.Environment.Keys) {
        $start.Environment[$name] = $Place.Environment[$name]
    }

    if ($ApiKey) {
        $start.Environment['AMP_TEST_SERVICE_KEY'] = $ApiKey
        $start.ArgumentList.Add('--api-key-variable')
        $start.ArgumentList.Add('AMP_TEST_SERVICE_KEY')
    }

    # It belongs to the test and not to a run of the test.
    $null = $start.Environment.Remove('AMP_TEST_PLACE')
    $process = [System.Diagnostics.Process]::Start($start)
    $url = $process.StandardOutput.ReadLine()
    if (-not $url) {
        throw 'The local service did not start.'
    }

    $service = [pscustomobject]@{ Url = $url; Record = $record; Process = $process }
    $Place.Services.Add($service)
    $service
}

function Close-AmpLocalService {
    [CmdletBinding()]
    param([Parameter(Mandatory, Position = 0)] [pscustomobject] $Service)

    if (-not $Service.Process.HasExited) {
        $Service.Process.Kill()
        $Service.Process.WaitForExit()
    }
}

function Get-AmpLocalCall {
    # Parameters, to be splatted, of a call that meets a real CLI and a local service.
    [CmdletBinding()]
    [OutputType([hashtable])]
    param(
        [Parameter(Mandatory, Position = 0)] [pscustomobject] $Place,
        [Parameter(Mandatory, Position = 1)] [pscustomobject] $Service,
        # Which one, as Get-AmpTestLayout calls it.
        [string] $Cli = 'MarchCli'
    )

    $environment = $Place.Environment.Clone()
    $environment['AMP_URL'] = $Service.Url
    $environment['AMP_API_KEY'] = 'local-key-0123456789'
    # What each CLI says of itself was asked before the tests, since asking costs two starts of it.
    $answers = Join-Path (Get-AmpTestLayout).CliAnswers 'amp-sdk-dotnet'
    $cache = Join-Path ($IsWindows ? $environment.LOCALAPPDATA : $environment.XDG_CACHE_HOME) 'amp-sdk-dotnet'
    if ((Test-Path -LiteralPath $answers) -and -not (Test-Path -LiteralPath $cache)) {
        $null = New-Item -ItemType Directory -Path $cache
        Copy-Item -Path (Join-Path $answers 'cli-*.json') -Destination $cache
    }

    @{
        CliPath = (Get-AmpTestLayout).$Cli
        WorkingDirectory = $Place.Project
        Environment = $environment
    }
}

function Get-AmpModelRequest {
    # What the model was asked, in order, as the service recorded it.
    [CmdletBinding()]
    [OutputType([System.Collections.IDictionary])]
    param([Parameter(Mandatory, Position = 0)] [pscustomobject] $Service)

    if (Test-Path -LiteralPath $Service.Record) {
        [System.IO.File]::ReadAllLines($Service.Record) | ForEach-Object { $_ | ConvertFrom-Json -AsHashtable }
    }
}
