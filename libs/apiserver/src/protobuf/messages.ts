/**
 * The protobuf messages that kubectl and client-go post with their typed clients: `jsonName=number:type`, string where no type is
 * given. `[]` is repeated, `map` has string values, `map/x` has values of x, `...` puts the fields of a message into the one around it.
 * `ignored` is skipped: what only a status request can write.
 * The numbers are those of the `generated.proto` files of k8s.io/api and k8s.io/apimachinery. A message may have fields that are
 * not listed; a body that uses one is refused.
 */
export const messages: Readonly<Record<string, string>> = {
  Namespace: 'metadata=1:ObjectMeta spec=2:NamespaceSpec status=3:ignored',
  ObjectMeta:
    'name=1 generateName=2 namespace=3 selfLink=4 uid=5 resourceVersion=6 generation=7:int ' +
    'creationTimestamp=8:Time deletionTimestamp=9:Time deletionGracePeriodSeconds=10:int labels=11:map ' +
    'annotations=12:map ownerReferences=13:[]OwnerReference finalizers=14:[] ' +
    'managedFields=17:[]ManagedFieldsEntry',
  OwnerReference: 'kind=1 name=3 uid=4 apiVersion=5 controller=6:bool blockOwnerDeletion=7:bool',
  ManagedFieldsEntry: 'manager=1 operation=2 apiVersion=3 time=4:Time fieldsType=6 fieldsV1=7:Raw subresource=8',
  NamespaceSpec: 'finalizers=1:[]',
  ConfigMap: 'metadata=1:ObjectMeta immutable=4:bool data=2:map binaryData=3:map/bytes',
  Secret: 'metadata=1:ObjectMeta immutable=5:bool data=2:map/bytes stringData=4:map type=3',
  ServiceAccount:
    'metadata=1:ObjectMeta secrets=2:[]ObjectReference imagePullSecrets=3:[]LocalObjectReference ' +
    'automountServiceAccountToken=4:bool',
  ObjectReference: 'kind=1 namespace=2 name=3 uid=4 apiVersion=5 resourceVersion=6 fieldPath=7',
  LocalObjectReference: 'name=1',
  Service: 'metadata=1:ObjectMeta spec=2:ServiceSpec status=3:ignored',
  ServiceSpec:
    'ports=1:[]ServicePort selector=2:map clusterIP=3 clusterIPs=18:[] type=4 externalIPs=5:[] ' +
    'sessionAffinity=7 loadBalancerIP=8 loadBalancerSourceRanges=9:[] externalName=10 ' +
    'externalTrafficPolicy=11 healthCheckNodePort=12:int publishNotReadyAddresses=13:bool ' +
    'sessionAffinityConfig=14:SessionAffinityConfig ipFamilies=19:[] ipFamilyPolicy=17 ' +
    'allocateLoadBalancerNodePorts=20:bool loadBalancerClass=21 internalTrafficPolicy=22 ' +
    'trafficDistribution=23',
  ServicePort: 'name=1 protocol=2 appProtocol=6 port=3:int targetPort=4:IntOrString nodePort=5:int',
  SessionAffinityConfig: 'clientIP=1:ClientIPConfig',
  ClientIPConfig: 'timeoutSeconds=1:int',
  Event:
    'metadata=1:ObjectMeta involvedObject=2:ObjectReference reason=3 message=4 source=5:EventSource ' +
    'firstTimestamp=6:Time lastTimestamp=7:Time count=8:int type=9 eventTime=10:Time series=11:EventSeries ' +
    'action=12 related=13:ObjectReference reportingComponent=14 reportingInstance=15',
  EventSource: 'component=1 host=2',
  EventSeries: 'count=1:int lastObservedTime=2:Time',
  Deployment: 'metadata=1:ObjectMeta spec=2:DeploymentSpec status=3:ignored',
  DeploymentSpec:
    'replicas=1:int selector=2:LabelSelector template=3:PodTemplateSpec strategy=4:DeploymentStrategy ' +
    'minReadySeconds=5:int revisionHistoryLimit=6:int paused=7:bool progressDeadlineSeconds=9:int',
  LabelSelector: 'matchLabels=1:map matchExpressions=2:[]LabelSelectorRequirement',
  LabelSelectorRequirement: 'key=1 operator=2 values=3:[]',
  PodTemplateSpec: 'metadata=1:ObjectMeta spec=2:PodSpec',
  PodSpec:
    'volumes=1:[]Volume initContainers=20:[]Container containers=2:[]Container restartPolicy=3 ' +
    'terminationGracePeriodSeconds=4:int activeDeadlineSeconds=5:int dnsPolicy=6 nodeSelector=7:map ' +
    'serviceAccountName=8 serviceAccount=9 automountServiceAccountToken=21:bool nodeName=10 ' +
    'hostNetwork=11:bool hostPID=12:bool hostIPC=13:bool shareProcessNamespace=27:bool ' +
    'securityContext=14:PodSecurityContext imagePullSecrets=15:[]LocalObjectReference hostname=16 ' +
    'subdomain=17 schedulerName=19 tolerations=22:[]Toleration priorityClassName=24 priority=25:int ' +
    'runtimeClassName=29 enableServiceLinks=30:bool preemptionPolicy=31 overhead=32:map/Quantity ' +
    'setHostnameAsFQDN=35:bool hostUsers=37:bool resources=40:ResourceRequirements hostnameOverride=41',
  Volume: 'name=1 volumeSource=2:...VolumeSource',
  VolumeSource:
    'hostPath=1:HostPathVolumeSource emptyDir=2:EmptyDirVolumeSource secret=6:SecretVolumeSource ' +
    'configMap=19:ConfigMapVolumeSource',
  HostPathVolumeSource: 'path=1 type=2',
  EmptyDirVolumeSource: 'medium=1 sizeLimit=2:Quantity mode=3:int',
  SecretVolumeSource: 'secretName=1 items=2:[]KeyToPath defaultMode=3:int optional=4:bool defaultUser=5:int',
  KeyToPath: 'key=1 path=2 mode=3:int user=4:int',
  ConfigMapVolumeSource:
    'localObjectReference=1:...LocalObjectReference items=2:[]KeyToPath defaultMode=3:int optional=4:bool ' +
    'defaultUser=5:int',
  Container:
    'name=1 image=2 command=3:[] args=4:[] workingDir=5 ports=6:[]ContainerPort envFrom=19:[]EnvFromSource ' +
    'env=7:[]EnvVar resources=8:ResourceRequirements restartPolicy=24 volumeMounts=9:[]VolumeMount ' +
    'livenessProbe=10:Probe readinessProbe=11:Probe startupProbe=22:Probe terminationMessagePath=13 ' +
    'terminationMessagePolicy=20 imagePullPolicy=14 stdin=16:bool stdinOnce=17:bool tty=18:bool',
  ContainerPort: 'name=1 hostPort=2:int containerPort=3:int protocol=4 hostIP=5',
  EnvFromSource: 'prefix=1 configMapRef=2:ConfigMapEnvSource secretRef=3:SecretEnvSource',
  ConfigMapEnvSource: 'localObjectReference=1:...LocalObjectReference optional=2:bool',
  SecretEnvSource: 'localObjectReference=1:...LocalObjectReference optional=2:bool',
  EnvVar: 'name=1 value=2 valueFrom=3:EnvVarSource',
  EnvVarSource:
    'fieldRef=1:ObjectFieldSelector resourceFieldRef=2:ResourceFieldSelector ' +
    'configMapKeyRef=3:ConfigMapKeySelector secretKeyRef=4:SecretKeySelector',
  ObjectFieldSelector: 'apiVersion=1 fieldPath=2',
  ResourceFieldSelector: 'containerName=1 resource=2 divisor=3:Quantity',
  ConfigMapKeySelector: 'localObjectReference=1:...LocalObjectReference key=2 optional=3:bool',
  SecretKeySelector: 'localObjectReference=1:...LocalObjectReference key=2 optional=3:bool',
  ResourceRequirements: 'limits=1:map/Quantity requests=2:map/Quantity',
  VolumeMount:
    'name=1 readOnly=2:bool recursiveReadOnly=7 mountPath=3 subPath=4 mountPropagation=5 subPathExpr=6 ' +
    'bindMountOptions=8:[]',
  Probe:
    'handler=1:...ProbeHandler initialDelaySeconds=2:int timeoutSeconds=3:int periodSeconds=4:int ' +
    'successThreshold=5:int failureThreshold=6:int terminationGracePeriodSeconds=7:int',
  ProbeHandler: 'exec=1:ExecAction httpGet=2:HTTPGetAction tcpSocket=3:TCPSocketAction grpc=4:GRPCAction',
  ExecAction: 'command=1:[]',
  HTTPGetAction: 'path=1 port=2:IntOrString host=3 scheme=4 httpHeaders=5:[]HTTPHeader protocol=6',
  HTTPHeader: 'name=1 value=2',
  TCPSocketAction: 'port=1:IntOrString host=2',
  GRPCAction: 'port=1:int service=2 mode=3',
  PodSecurityContext:
    'runAsUser=2:int runAsGroup=6:int runAsNonRoot=3:bool supplementalGroups=4:[]int ' +
    'supplementalGroupsPolicy=12 fsGroup=5:int fsGroupChangePolicy=9 seLinuxChangePolicy=13',
  Toleration: 'key=1 operator=2 value=3 effect=4 tolerationSeconds=5:int',
  DeploymentStrategy: 'type=1 rollingUpdate=2:RollingUpdateDeployment',
  RollingUpdateDeployment: 'maxUnavailable=1:IntOrString maxSurge=2:IntOrString',
  TokenReview: 'metadata=1:ObjectMeta spec=2:TokenReviewSpec status=3:TokenReviewStatus',
  TokenReviewSpec: 'token=1 audiences=2:[]',
  TokenReviewStatus: 'authenticated=1:bool user=2:UserInfo audiences=4:[] error=3',
  UserInfo: 'username=1 uid=2 groups=3:[] extra=4:map/[]!ExtraValue',
  SelfSubjectReview: 'metadata=1:ObjectMeta status=2:SelfSubjectReviewStatus',
  SelfSubjectReviewStatus: 'userInfo=1:UserInfo',
  TokenRequest: 'metadata=1:ObjectMeta spec=2:TokenRequestSpec status=3:TokenRequestStatus',
  TokenRequestSpec: 'audiences=1:[] expirationSeconds=4:int boundObjectRef=3:BoundObjectReference',
  BoundObjectReference: 'kind=1 apiVersion=2 name=3 uid=4',
  TokenRequestStatus: 'token=1 expirationTimestamp=2:Time',
  SubjectAccessReview: 'metadata=1:ObjectMeta spec=2:SubjectAccessReviewSpec status=3:SubjectAccessReviewStatus',
  SubjectAccessReviewSpec:
    'resourceAttributes=1:ResourceAttributes nonResourceAttributes=2:NonResourceAttributes user=3 groups=4:[] ' +
    'extra=5:map/[]!ExtraValue uid=6',
  ResourceAttributes:
    'namespace=1 verb=2 group=3 version=4 resource=5 subresource=6 name=7 ' +
    'fieldSelector=8:FieldSelectorAttributes labelSelector=9:LabelSelectorAttributes',
  FieldSelectorAttributes: 'rawSelector=1 requirements=2:[]FieldSelectorRequirement',
  FieldSelectorRequirement: 'key=1 operator=2 values=3:[]',
  LabelSelectorAttributes: 'rawSelector=1 requirements=2:[]LabelSelectorRequirement',
  NonResourceAttributes: 'path=1 verb=2',
  SubjectAccessReviewStatus: 'allowed=1:bool denied=4:bool reason=2 evaluationError=3',
  LocalSubjectAccessReview: 'metadata=1:ObjectMeta spec=2:SubjectAccessReviewSpec status=3:SubjectAccessReviewStatus',
  SelfSubjectAccessReview:
    'metadata=1:ObjectMeta spec=2:SelfSubjectAccessReviewSpec status=3:SubjectAccessReviewStatus',
  SelfSubjectAccessReviewSpec: 'resourceAttributes=1:ResourceAttributes nonResourceAttributes=2:NonResourceAttributes',
  SelfSubjectRulesReview: 'metadata=1:ObjectMeta spec=2:SelfSubjectRulesReviewSpec status=3:SubjectRulesReviewStatus',
  SelfSubjectRulesReviewSpec: 'namespace=1',
  SubjectRulesReviewStatus:
    'resourceRules=1:[]ResourceRule nonResourceRules=2:[]NonResourceRule incomplete=3:bool evaluationError=4',
  ResourceRule: 'verbs=1:[] apiGroups=2:[] resources=3:[] resourceNames=4:[]',
  NonResourceRule: 'verbs=1:[] nonResourceURLs=2:[]',
  Role: 'metadata=1:ObjectMeta rules=2:[]PolicyRule',
  PolicyRule: 'verbs=1:[] apiGroups=2:[] resources=3:[] resourceNames=4:[] nonResourceURLs=5:[]',
  ClusterRole: 'metadata=1:ObjectMeta rules=2:[]PolicyRule aggregationRule=3:AggregationRule',
  AggregationRule: 'clusterRoleSelectors=1:[]LabelSelector',
  RoleBinding: 'metadata=1:ObjectMeta subjects=2:[]Subject roleRef=3:RoleRef',
  Subject: 'kind=1 apiGroup=2 name=3 namespace=4',
  RoleRef: 'apiGroup=1 kind=2 name=3',
  ClusterRoleBinding: 'metadata=1:ObjectMeta subjects=2:[]Subject roleRef=3:RoleRef',
  Lease: 'metadata=1:ObjectMeta spec=2:LeaseSpec',
  LeaseSpec:
    'holderIdentity=1 leaseDurationSeconds=2:int acquireTime=3:Time renewTime=4:Time leaseTransitions=5:int ' +
    'strategy=6 preferredHolder=7',
  'events.Event':
    'metadata=1:ObjectMeta eventTime=2:Time series=3:events.EventSeries reportingController=4 ' +
    'reportingInstance=5 action=6 reason=7 regarding=8:ObjectReference related=9:ObjectReference note=10 ' +
    'type=11 deprecatedSource=12:EventSource deprecatedFirstTimestamp=13:Time deprecatedLastTimestamp=14:Time ' +
    'deprecatedCount=15:int',
  'events.EventSeries': 'count=1:int lastObservedTime=2:Time',
  PriorityClass: 'metadata=1:ObjectMeta value=2:int globalDefault=3:bool description=4 preemptionPolicy=5',
  DeleteOptions:
    'gracePeriodSeconds=1:int preconditions=2:Preconditions orphanDependents=3:bool propagationPolicy=4 ' +
    'dryRun=5:[]',
  Preconditions: 'uid=1 resourceVersion=2',
};
