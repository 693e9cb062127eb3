"""What the rows of a file can be, the columns each may have, and the headers by which tills and ERPs call them.

To add a column: a Field in its table, its headers the better one first. To add a kind of rows: a Table in
TABLES, its words in labels.py, its reader in rows.py. Not here: finding a file's columns (columns.py), reading a cell
(cells.py).
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

ID, TEXT, NUMBER, TIME, DATE = "id", "text", "number", "time", "date"  # how a cell is read (cells.py)


class Field(NamedTuple):
    """A column. `english` and `chinese` head it in a template; `headers` are what others call it, best first."""

    name: str
    type: str
    english: str
    chinese: str
    headers: str = ""


class Table(NamedTuple):
    """What a row is. `needs`: of each of these one column must be there."""

    name: str
    fields: tuple[Field, ...]
    needs: tuple[tuple[str, ...], ...]


_PEOPLE = (
    Field("user_id", ID, "Customer ID", "客户编号", "客户id 客户号 客户代码 用户id 用户编号 买家id 会员id uid "
          "customerno "
          "customernumber userid buyerid clientid"),
    Field("member_no", ID, "Member number", "会员号", "会员卡号 会员编号 会员码 卡号 memberno memberid membercard "
          "cardno "
          "cardnumber loyaltyid loyaltynumber"),
    Field("phone", ID, "Phone", "手机号", "手机号码 手机 会员手机号 会员手机 买家手机 收货人手机 收货人电话 联系手机 "
          "联系电话 电话 "
          "联系方式 mobile mobilephone mobilenumber cellphone tel telephone phonenumber customerphone contactphone"),
    Field("email", ID, "Email", "邮箱", "电子邮箱 电子邮件 邮件 邮箱地址 mail emailaddress customeremail"),
    Field("unionid", ID, "UnionID", "微信UnionID", "unionid"),
    Field("openid", ID, "OpenID", "微信OpenID", "openid"),
)  # fmt: skip
_PRODUCT = (
    Field("sku", ID, "SKU", "商品编码", "sku编码 skuid sku码 商品sku 商品编号 商品代码 商家编码 外部商品编码 规格编码 "
          "产品编码 "
          "物料编码 货号 款号 商品条码 条码 条形码 productid productcode productsku itemcode itemid itemno articleno "
          "article "
          "materialno barcode ean upc"),
    Field("product_name", TEXT, "Product", "商品名称", "品名 产品名称 货品名称 商品标题 宝贝标题 商品 产品 "
          "productname item "
          "itemname producttitle title description"),
    Field("category", TEXT, "Category", "品类", "类目 分类 商品分类 商品类目 产品分类 productcategory"),
    Field("brand", TEXT, "Brand", "品牌", "商品品牌 productbrand"),
)  # fmt: skip
_LINE = (
    *_PRODUCT,
    Field("quantity", NUMBER, "Quantity", "数量", "购买数量 销售数量 商品数量 宝贝总数量 件数 qty units pcs count"),
    Field("price", NUMBER, "Unit price", "单价", "商品单价 销售单价 成交单价 售价 商品价格 价格 price itemprice "
          "saleprice"),
    Field("line_discount", NUMBER, "Line discount", "行优惠", "商品优惠 单品优惠 行折扣 itemdiscount"),
    Field("cost", NUMBER, "Unit cost", "成本", "单位成本 成本价 进价 cost costprice"),
)  # fmt: skip
_LINE_TOTAL = Field(
    "line_total",
    NUMBER,
    "Line total",
    "小计",
    "行金额 明细金额 商品金额 商品总价 金额 subtotal lineamount amount",
)
_TOTAL = "实付款 实付 买家实付金额 买家实际支付金额 订单实付金额 实收金额 实收 支付金额 付款金额 应付金额 订单金额 "
_TOTAL += "订单总额 "
_TOTAL += "订单总价 成交金额 交易金额 消费金额 总金额 合计金额 合计 总计 总价 ordertotal orderamount grandtotal total "
_TOTAL += "totalamount totalprice amountpaid paidamount paid"
_ORDER_HEAD = (
    Field("order_id", ID, "Order number", "订单号", "订单编号 订单id 主订单编号 主订单号 交易编号 交易号 交易单号 "
          "销售单号 单据编号 "
          "单据号 小票号 小票编号 流水号 单号 orderid orderno order receiptno receiptnumber receipt ticketno "
          "transactionid "
          "transactionno saleid salesorder invoiceno invoicenumber invoice"),
    Field("ordered_at", TIME, "Order time", "下单时间", "下单日期 订单创建时间 订单时间 订单日期 创建时间 拍下时间 "
          "成交时间 "
          "交易时间 交易日期 销售时间 销售日期 消费时间 订单付款时间 付款时间 支付时间 日期 时间 orderedat orderdate "
          "orderdatetime "
          "createdat created saledate saletime transactiondate transactiontime purchasedate purchasedat paidat "
          "completedat "
          "datetime timestamp date time"),
    Field("total", NUMBER, "Order total", "实付金额", _TOTAL),
)  # fmt: skip
_ORDER_REST = (
    Field("currency", TEXT, "Currency", "币种", "货币 currencycode"),
    Field("tax", NUMBER, "Tax", "税额", "税费 税金 taxamount"),
    Field("shipping", NUMBER, "Shipping", "运费", "邮费 快递费 配送费 买家应付邮费 freight postage shippingfee "
          "deliveryfee"),
    Field("discount", NUMBER, "Discount", "优惠金额", "订单优惠 优惠 折扣金额 折扣 discountamount"),
    Field("coupon", TEXT, "Coupon", "优惠券", "优惠码 券码 couponcode voucher"),
    Field("store", TEXT, "Store", "门店", "门店名称 门店编号 门店编码 店铺名称 店铺 店名 storename storeid storecode "
          "shop "
          "shopname branch outlet"),
    Field("payment_method", TEXT, "Payment method", "支付方式", "付款方式 收款方式 payment paidby tender"),
    Field("status", TEXT, "Status", "订单状态", "交易状态 状态 orderstatus"),
    Field("cancelled_at", TIME, "Cancelled at", "取消时间", "关闭时间 canceledat"),
    Field("updated_at", TIME, "Updated at", "更新时间", "修改时间 最后修改时间 最后更新时间 modifiedat lastmodified "
          "lastupdated"),
)  # fmt: skip
_WHOLE_AMOUNT = "金额 销售额 销售金额 amount"
_EACH_DISCOUNT = "优惠金额 优惠 折扣金额 折扣 discount discountamount"  # in a file of lines it is the line's
_CHANNEL = Field("channel", ID, "Channel", "渠道", "渠道代码 channelslug")
_CURRENCY = Field("currency", TEXT, "Currency", "币种", "货币 currencycode")
_SKU = _PRODUCT[0]


def _from(english: str, chinese: str, more: str = "") -> Field:
    """From when on a level holds."""
    headers = f"{more} 日期 时间 更新时间 生效日期 生效时间 开始时间 validfrom effectivefrom effectivedate"
    headers += " updatedat date time at"
    return Field("at", TIME, english, chinese, headers)


_ALL: Final = (
    Table(
        "orders",
        (
            *_ORDER_HEAD[:2],
            _ORDER_HEAD[2]._replace(headers=f"{_TOTAL} {_WHOLE_AMOUNT}"),
            *_PEOPLE,
            *_ORDER_REST,
            *_LINE,
        ),
        (("order_id",), ("total", "price")),
    ),
    Table(
        "order_lines",
        (
            *_ORDER_HEAD[:2],
            *(
                one._replace(headers=f"{one.headers} {_EACH_DISCOUNT}") if one.name == "line_discount" else one
                for one in _LINE
            ),
            _LINE_TOTAL,
            _ORDER_HEAD[2],
            *_PEOPLE,
            *(one for one in _ORDER_REST if one.name != "discount"),
        ),
        (("order_id",), ("total", "price", "line_total")),
    ),
    Table(
        "customers",
        (
            *_PEOPLE,
            Field("name", TEXT, "Name", "姓名", "客户姓名 客户名称 会员姓名 会员名称 顾客姓名 真实姓名 昵称 fullname "
                  "customername membername nickname"),
            Field("gender", TEXT, "Gender", "性别", "sex"),
            Field("birthday", DATE, "Birthday", "生日", "出生日期 出生年月 birthdate dateofbirth dob"),
            Field("country", TEXT, "Country", "国家", "国家地区"),
            Field("province", TEXT, "Province", "省份", "省 所在省份 state region"),
            Field("city", TEXT, "City", "城市", "市 所在城市 所属城市 town"),
            Field("address", TEXT, "Address", "地址", "联系地址 详细地址 收货地址 street"),
            Field("tier", TEXT, "Tier", "会员等级", "等级 会员级别 客户等级 level membertier memberlevel"),
            Field("points", NUMBER, "Points", "积分", "会员积分 可用积分 当前积分 balance"),
            Field("store", TEXT, "Store", "门店", "所属门店 开卡门店 注册门店 门店名称 storename homestore shop"),
            Field("registered_at", TIME, "Registered at", "注册时间", "注册日期 创建时间 建档时间 signupdate signedup "
                  "createdat created registered"),
            Field("joined_at", TIME, "Member since", "入会时间", "入会日期 开卡时间 开卡日期 办卡时间 办卡日期 "
                  "joinedat joindate "
                  "membersince"),
            Field("updated_at", TIME, "Updated at", "更新时间", "修改时间 最后修改时间 modifiedat lastmodified "
                  "lastupdated"),
        ),
        (("user_id", "member_no", "phone", "email", "unionid", "openid"),),
    ),
    Table(
        "products",
        (
            *(one._replace(headers=f"{one.headers} 名称 "
                  "name") if one.name == "product_name" else one for one in _PRODUCT),
            Field("tags", TEXT, "Tags", "标签", "商品标签 labels"),
        ),
        (("sku",),),
    ),
    Table(
        "stock",
        (
            _SKU,
            Field("quantity", NUMBER, "Quantity", "库存", "库存数量 可用库存 现有库存 实际库存 在库数量 在库数 "
                  "结存数量 期末库存 数量 "
                  "stock stockonhand onhand available inventory qty stockquantity"),
            Field("location", TEXT, "Location", "仓库", "仓库名称 库位 门店 门店名称 warehouse store storename"),
            _from("Counted at", "盘点时间", "盘点日期 库存日期 快照时间 countedat"),
            _CHANNEL,
        ),
        (("sku",), ("quantity",)),
    ),
    Table(
        "prices",
        (
            _SKU,
            Field("price", NUMBER, "Price", "售价", "现价 销售价 零售价 促销价 活动价 单价 价格 saleprice sellingprice "
                  "unitprice retailprice"),
            Field("list_price", NUMBER, "List price", "吊牌价", "原价 划线价 标价 市场价 建议零售价 msrp rrp "
                  "regularprice"),
            Field("promotion", TEXT, "Promotion", "促销", "促销活动 活动 活动名称 promo"),
            _CURRENCY,
            _from("Valid from", "生效时间"),
            _CHANNEL,
        ),
        (("sku",), ("price",)),
    ),
    Table(
        "costs",
        (
            _SKU,
            Field("unit_cost", NUMBER, "Unit cost", "成本", "单位成本 成本价 采购价 进货价 进价 采购成本 cost "
                  "costprice "
                  "purchaseprice"),
            _CURRENCY,
            _from("Valid from", "生效时间"),
            _CHANNEL,
        ),
        (("sku",), ("unit_cost",)),
    ),
    Table(
        "spend",
        (
            Field("date", DATE, "Date", "日期", "投放日期 统计日期 消耗日期 时间 day"),
            Field("from", DATE, "From", "开始日期", "开始时间 start startdate"),
            Field("to", DATE, "To", "结束日期", "结束时间 end enddate"),
            Field("amount", NUMBER, "Amount", "花费", "消耗 消耗金额 花费金额 投放金额 投放费用 推广费用 费用 支出 "
                  "金额 消费 spend spent "
                  "cost"),
            _CURRENCY,
            Field("campaign", TEXT, "Campaign", "推广计划", "计划名称 计划 活动名称 活动 推广活动 campaignname"),
            Field("medium", TEXT, "Medium", "媒介", "广告类型 投放方式 渠道类型 adtype"),
            Field("kind", TEXT, "Kind", "类型", "花费类型 spendkind"),
            Field("clicks", NUMBER, "Clicks", "点击量", "点击数 点击 点击次数"),
            Field("impressions", NUMBER, "Impressions", "展现量", "曝光量 展示量 曝光 展现 曝光数 展现数 views"),
            Field("id", ID, "Entry ID", "记录编号", "流水号 单号 id entryid"),
            _CHANNEL,
        ),
        (("amount",), ("date", "from")),
    ),
    Table(
        "store_visits",
        (
            Field("visited_at", TIME, "Visited at", "到店时间", "进店时间 来访时间 到店日期 时间 日期 visittime "
                  "visitdate datetime date "
                  "time"),
            Field("store", TEXT, "Store", "门店", "门店名称 门店编号 店铺 店名 storename storeid shop branch"),
            *_PEOPLE,
            Field("staff", TEXT, "Staff", "导购", "店员 接待人 接待导购 salesperson assistant"),
        ),
        (("user_id", "member_no", "phone", "email", "unionid", "openid"),),
    ),
    Table(
        "payouts",
        (
            Field("order_id", ID, "Order number", "订单号", "订单编号 订单id 主订单编号 主订单号 商户订单号 业务订单号 "
                  "关联订单号 交易编号 交易单号 orderid orderno order ordernumber"),
            Field("amount", NUMBER, "Paid out", "结算金额", "入账金额 到账金额 打款金额 实际结算金额 商家实收金额 "
                  "商家实收 应结金额 结算额 实收金额 金额 payout payoutamount settlementamount netamount net amount"),
            Field("fees", NUMBER, "Fees kept", "平台扣费", "手续费 服务费 平台服务费 技术服务费 佣金 平台佣金 扣费 "
                  "扣费金额 fee fees platformfee commission charges"),
            _CURRENCY,
            _from("Paid out at", "结算时间", "结算日期 入账时间 到账时间 打款时间 账单日期 账单时间 发生时间 "
                  "payoutdate settledat settlementdate"),
            Field("id", ID, "Bill line ID", "账单流水号", "流水号 账务流水号 业务流水号 资金流水号 结算单号 账单编号 "
                  "lineid entryid balancetransactionid id"),
            _CHANNEL,
        ),
        (("order_id",), ("amount",)),
    ),
)  # fmt: skip
TABLES: Final[Mapping[str, Table]] = MappingProxyType({table.name: table for table in _ALL})
